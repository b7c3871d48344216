import Support

/// When to try again: attempts, backoff, Retry-After, never past a deadline.
struct Attempts {
    private(set) var count = 0
    private let most: Int
    private var backoff = Backoff()

    init(most: Int) { self.most = most }

    var areUsedUp: Bool { count >= most }

    mutating func begin() { count += 1 }

    /// Milliseconds to wait before the next attempt; nil: attempts or time are used up. `after` is in seconds.
    mutating func wait(after: Int64?, until deadline: Deadline) -> Int64? {
        let (asked, isAbsurd) = (after ?? 0).multipliedReportingOverflow(by: 1_000)
        let wait = max(backoff.next().milliseconds, isAbsurd ? .max : asked)
        return areUsedUp || wait >= deadline.milliseconds ? nil : wait
    }
}
