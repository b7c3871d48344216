/// Counts attempts and decides how long to wait before the next one: exponential backoff, `Retry-After`, never past a deadline.
package struct Retry: Sendable {
    /// Attempts that have begun.
    package private(set) var attempts = 0
    private let limit: Int
    private var backoff: Backoff

    /// `limit` is how many attempts there may be.
    package init(limit: Int = .max, backoff: Backoff = Backoff()) {
        self.limit = limit
        self.backoff = backoff
    }

    package mutating func begin() { attempts += 1 }

    /// The delay before the next attempt; nil if attempts or time are used up. `after` is what the service asked for.
    package mutating func delay(after: Duration? = nil, until deadline: Deadline) -> Duration? {
        let delay = max(backoff.next(), after ?? .zero)
        return attempts >= limit || delay >= deadline.remaining ? nil : delay
    }
}
