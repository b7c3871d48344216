/// Exponential backoff with full jitter: the nth delay is random, from 0 to `initial` doubled n - 1 times, at most `maximum`.
package struct Backoff: Sendable {
    private var ceiling: Duration
    private let maximum: Duration

    package init(initial: Duration = .milliseconds(100), maximum: Duration = .seconds(5)) {
        ceiling = initial
        self.maximum = maximum
    }

    /// The delay before the next attempt.
    package mutating func next() -> Duration {
        defer { ceiling = min(maximum, ceiling * 2) }
        return .milliseconds(Int64.random(in: 0...ceiling.milliseconds))
    }
}
