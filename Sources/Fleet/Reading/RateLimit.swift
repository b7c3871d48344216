import Support

/// One rate of requests that all accounts of a call share: a token bucket; its rate rises slowly and is cut at a 429
/// (additive increase, multiplicative decrease). A key that is refused while others are admitted is limited by itself.
final class RateLimit: Sendable {
    enum Turn: Equatable { case now, later(Duration), never }

    private let state: Locked<State>
    private let clock: @Sendable () -> Duration

    init(ceiling: Int?, patience: Duration, clock: @escaping @Sendable () -> Duration = { Clock.monotonic }) {
        self.clock = clock
        state = Locked(State(ceiling: ceiling, patience: patience, clock()))
    }

    /// Takes a turn for a request of `key`, an account's number, or says when to ask again.
    func turn(_ key: Int) -> Turn { state.withLock { $0.turn(key, clock()) } }

    func admitted(_ key: Int) { state.withLock { $0.admitted(key, clock()) } }

    func refused(_ key: Int, retryAfter: Duration?) { state.withLock { $0.refused(key, retryAfter, clock()) } }

    /// The rate that all keys share.
    private struct Pace {
        /// Requests a second; nil if nothing was refused yet.
        var rate: Double?
        var tokens = 1.0
        var refilled: Duration
        /// Nothing is sent before: Retry-After.
        var blockedUntil = Duration.zero
        var lastCut: Duration?
        /// The rate that was refused last; infinite if it is not known, as the first 429 came within the first second.
        var refusedRate = Double.infinity
    }

    /// A key that was answered 429 last.
    private struct RefusedKey {
        /// How many requests of all keys were admitted and refused before its first 429.
        let admittedBefore: Int
        var refusedBefore: Int
        /// The shared pace before it was refused: that comes back once the key turns out to be limited by itself.
        let paceBefore: Pace
        /// Since when it is known to be limited by itself.
        var ownSince: Duration?
        var blockedUntil = Duration.zero
        var backoff = Backoff(initial: .milliseconds(200), maximum: .seconds(2))
    }

    private struct State {
        /// A 429 cuts the rate to this part, once a second at most.
        static let cut = 0.85
        /// The rate grows by so much a second: far below the rate that was refused, near it, and if that is not known.
        static let growth = (far: 0.05, near: 0.005, unknown: 0.5)
        /// The lowest rate that a first 429 leaves, before the cut.
        static let leastFirstRate = 10

        let ceiling: Double
        /// A service that admits nothing for so long is given up.
        let patience: Duration
        let began: Duration
        var pace: Pace
        var refusedKeys: [Int: RefusedKey] = [:]
        /// Since when nothing was admitted, and the keys that were refused since; nil if the last answer was no 429.
        var starving: (since: Duration, key: Int, hasSeveralKeys: Bool)?
        var isGivenUp = false
        var admittedCount = 0
        var refusedCount = 0
        /// Answers of this second and of the one before.
        var second: Duration
        var admittedNow = 0
        var admittedBefore = 0

        init(ceiling: Int?, patience: Duration, _ now: Duration) {
            self.ceiling = ceiling.map { Double($0) } ?? .infinity
            self.patience = patience
            began = now
            second = now
            pace = Pace(rate: ceiling.map { Double($0) }, refilled: now)
        }

        mutating func turn(_ key: Int, _ now: Duration) -> Turn {
            if isGivenUp { return .never }
            if let starving, now - starving.since >= patience {
                guard !starving.hasSeveralKeys else {
                    isGivenUp = true
                    return .never
                }
                limitByItself(starving.key, since: starving.since)
                self.starving = nil
            }
            if let refused = refusedKeys[key], let since = refused.ownSince {
                if now - since >= patience { return .never }
                if now < refused.blockedUntil { return .later(min(refused.blockedUntil, since + patience) - now) }
            }
            refill(now)
            if now < pace.blockedUntil { return .later(pace.blockedUntil - now) }
            guard let rate = pace.rate else { return .now }
            guard pace.tokens >= 1 else {
                return .later(.milliseconds(Int64(((1 - pace.tokens) / rate * 1_000).rounded(.up))))
            }
            pace.tokens -= 1
            return .now
        }

        mutating func admitted(_ key: Int, _ now: Duration) {
            starving = nil
            refusedKeys[key] = nil
            count(now)
            admittedNow += 1
            admittedCount += 1
        }

        mutating func refused(_ key: Int, _ retryAfter: Duration?, _ now: Duration) {
            count(now)
            let pause = retryAfter.map { min($0, .seconds(86_400)) }
            if var refused = refusedKeys[key] {
                let wasAlone = refusedCount == refused.refusedBefore && admittedCount > refused.admittedBefore
                if refused.ownSince == nil && wasAlone {
                    limitByItself(key, since: now)
                    refused = refusedKeys[key] ?? refused
                }
                if refused.ownSince != nil {
                    refused.blockedUntil = now + max(pause ?? .zero, .milliseconds(50) + refused.backoff.next())
                    refusedKeys[key] = refused
                    return
                }
                refused.refusedBefore += 1
                refusedKeys[key] = refused
            } else {
                refusedKeys[key] = RefusedKey(
                    admittedBefore: admittedCount, refusedBefore: refusedCount + 1, paceBefore: pace)
            }
            refusedCount += 1
            starving =
                starving.map { ($0.since, $0.key, $0.hasSeveralKeys || $0.key != key) } ?? (now, key, false)
            if let pause { pace.blockedUntil = max(pace.blockedUntil, now + pause) }
            guard pace.lastCut.map({ now - $0 >= .seconds(1) }) ?? true else { return }
            refill(now)
            let current = pace.rate ?? Double(max(Self.leastFirstRate, max(admittedNow, admittedBefore)))
            pace.refusedRate = pace.rate == nil && now - began < .seconds(1) ? .infinity : current
            pace.rate = min(ceiling, max(1, current * Self.cut))
            pace.tokens = min(pace.tokens, 1)
            pace.lastCut = now
        }

        /// The others go on at the pace that they had before this key was refused.
        private mutating func limitByItself(_ key: Int, since: Duration) {
            guard let before = refusedKeys[key]?.paceBefore else { return }
            refusedKeys[key]?.ownSince = since
            let refilled = pace.refilled
            pace = before
            pace.refilled = refilled
        }

        private mutating func count(_ now: Duration) {
            guard now - second >= .seconds(1) else { return }
            admittedBefore = now - second < .seconds(2) ? admittedNow : 0
            admittedNow = 0
            second = now
        }

        /// Adds the tokens of the time since the last refill, at most a fiftieth of a second's; raises the rate meanwhile.
        private mutating func refill(_ now: Duration) {
            let seconds = max(0, (now - pace.refilled) / .seconds(1))
            pace.refilled = now
            guard var rate = pace.rate else { return }
            pace.tokens = min(max(1, rate / 50), pace.tokens + rate * seconds)
            if now >= pace.blockedUntil, pace.lastCut != nil {
                let growth =
                    pace.refusedRate == .infinity
                    ? Self.growth.unknown : rate < 0.95 * pace.refusedRate ? Self.growth.far : Self.growth.near
                rate = min(ceiling, rate * (1 + growth * min(seconds, 1)))
            }
            pace.rate = rate
        }
    }
}
