import Synchronization

/// A client's log callback. Lines come one at a time; a change of callback waits for the line that is being written,
/// unless it is made by that very callback.
public final class Log: @unchecked Sendable {
    public enum Level: Int32, Sendable { case error = 0, warning, info, debug }

    public typealias Sink = @convention(c) (Int32, UnsafePointer<CChar>?, UnsafeMutableRawPointer?) -> Void

    private let mutex = Mutex(recursive: true)
    private let isOn = Atomic<Bool>(false)
    private var sink: Sink?
    private var context: UnsafeMutableRawPointer?

    public init() {}

    public func set(_ sink: Sink?, _ context: UnsafeMutableRawPointer?) {
        mutex.locked {
            self.sink = sink
            self.context = context
            isOn.store(sink != nil, ordering: .releasing)
        }
    }

    /// Hands over one line without control characters, which holds no key, no header's value, and no URL's userinfo, query and fragment.
    public func write(_ level: Level, _ line: @autoclosure () -> String) {
        guard isOn.load(ordering: .acquiring) else { return }
        let line = line().onOneLine
        mutex.locked { sink?(level.rawValue, line, context) }
    }
}
