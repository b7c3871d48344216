// Milliseconds for the modules that have not moved to Duration yet.
extension Clock {
    package static var milliseconds: Int64 { monotonic.milliseconds }
    package static var wallMilliseconds: Int64 { wall.milliseconds }
}
extension Deadline {
    package init(in milliseconds: Int64) { self.init(in: .milliseconds(milliseconds)) }
    package init(in milliseconds: Int64, of call: Call) { self.init(in: .milliseconds(milliseconds), throttle: call.throttle) }
    package var milliseconds: Int64 { remaining.milliseconds }
}
extension Backoff {
    package init(first: Int64, longest: Int64) { self.init(initial: .milliseconds(first), maximum: .milliseconds(longest)) }
}
extension Call {
    package func pause(_ milliseconds: Int64) throws(Failure) { try pause(.milliseconds(milliseconds)) }
}
