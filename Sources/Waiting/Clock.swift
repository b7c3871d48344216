import Glibc

/// Milliseconds of clocks.
public enum Clock {
    /// Since some moment in the past; never set back: for time limits.
    public static var monotonic: Int64 { read(CLOCK_MONOTONIC) }

    /// Since 1970; the same in every process and after a restart: for what is stored.
    public static var wall: Int64 { read(CLOCK_REALTIME) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var now = timespec()
        clock_gettime(clock, &now)
        return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
    }
}

/// A moment of the monotonic clock by which something must have ended.
public struct Deadline: Sendable {
    private let moment: Int64

    /// So many milliseconds from now; any number, as a caller may give the largest.
    public init(in milliseconds: Int64) {
        let (moment, isBeyond) = Clock.monotonic.addingReportingOverflow(milliseconds)
        self.moment = isBeyond ? .max : moment
    }

    private init(at moment: Int64) { self.moment = moment }

    /// Milliseconds left, 0 once it has passed.
    public var remaining: Int64 { max(0, moment - Clock.monotonic) }

    public var hasPassed: Bool { remaining == 0 }

    public func earlier(by milliseconds: Int64) -> Deadline { Deadline(at: moment - milliseconds) }

}
