import Glibc
import WebhookModel

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
    /// What this one waits for is not part of the time.
    private let pace: (any Pace)?

    /// So many milliseconds from now; any number, as a caller may give the largest.
    public init(in milliseconds: Int64) { self.init(in: milliseconds, pace: nil) }

    /// The same for an operation of `call`: waiting for its turn is not part of its time.
    public init(in milliseconds: Int64, of call: Call) { self.init(in: milliseconds, pace: call.pace) }

    private init(in milliseconds: Int64, pace: (any Pace)?) {
        let (moment, isBeyond) = (Clock.monotonic - (pace?.waited ?? 0)).addingReportingOverflow(milliseconds)
        self.init(at: isBeyond ? .max : moment, pace: pace)
    }

    private init(at moment: Int64, pace: (any Pace)?) {
        self.moment = moment
        self.pace = pace
    }

    /// Milliseconds left, 0 once it has passed.
    public var remaining: Int64 { max(0, moment - (Clock.monotonic - (pace?.waited ?? 0))) }

    public var hasPassed: Bool { remaining == 0 }

    public func earlier(by milliseconds: Int64) -> Deadline { Deadline(at: moment - milliseconds, pace: pace) }
}
