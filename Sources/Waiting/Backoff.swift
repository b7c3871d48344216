/// Exponential backoff with full jitter: the nth wait is anything from 0 to `first` doubled n - 1 times, at most `longest`.
public struct Backoff {
    private var ceiling: Int64
    private let longest: Int64

    /// Milliseconds.
    public init(first: Int64 = 100, longest: Int64 = 5_000) {
        ceiling = first
        self.longest = longest
    }

    /// Milliseconds to wait now.
    public mutating func next() -> Int64 {
        defer { ceiling = min(longest, ceiling * 2) }
        return Int64.random(in: 0...ceiling)
    }
}
