import Glibc

/// The clocks of the system.
package enum Clock {
    /// Time since some moment in the past. It is never set back, so limits rest on it.
    package static var monotonic: Duration { read(CLOCK_MONOTONIC) }

    /// Time since 1970. Other processes and later ones read the same, so stored moments rest on it.
    package static var wall: Duration { read(CLOCK_REALTIME) }

    private static func read(_ clock: clockid_t) -> Duration {
        var now = timespec()
        clock_gettime(clock, &now)
        return .seconds(Int64(now.tv_sec)) + .nanoseconds(Int64(now.tv_nsec))
    }
}

/// A moment of the monotonic clock by which something must have ended.
package struct Deadline: Sendable {
    /// Nil if it never passes.
    private let moment: Duration?
    /// Time that is spent waiting for this throttle does not count.
    private let throttle: (any RequestThrottle)?

    package static let never = Deadline(at: nil, throttle: nil)

    /// A span that no process lives through; the clock cannot overflow within it.
    private static let longest = Duration.seconds(3_000_000_000)

    package init(in span: Duration, throttle: (any RequestThrottle)? = nil) {
        let start = Clock.monotonic - (throttle?.waited ?? .zero)
        self.init(at: start + min(span, Self.longest), throttle: throttle)
    }

    private init(at moment: Duration?, throttle: (any RequestThrottle)?) {
        self.moment = moment
        self.throttle = throttle
    }

    /// The time left; zero once it has passed.
    package var remaining: Duration {
        guard let moment else { return Self.longest }
        return max(.zero, moment - (Clock.monotonic - (throttle?.waited ?? .zero)))
    }

    package var hasPassed: Bool { remaining == .zero }

    package func earlier(by span: Duration) -> Deadline { Deadline(at: moment.map { $0 - span }, throttle: throttle) }

    /// The one of two that passes first.
    package func orEarlier(in span: Duration) -> Deadline { span < remaining ? Deadline(in: span, throttle: throttle) : self }
}
