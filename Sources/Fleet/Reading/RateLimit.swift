import Support

/// One rate of requests that all accounts of a call share: a token bucket; its rate rises slowly and is cut at a 429
/// (additive increase, multiplicative decrease). A key that gets 429 while others are admitted is limited by itself.
final class RateLimit: Sendable {
    enum Admission: Equatable { case now, later(Duration), never }

    private let state: Locked<State>
    private let clock: @Sendable () -> Duration

    init(ceiling: Int?, timeout: Duration, clock: @escaping @Sendable () -> Duration = { Clock.monotonic }) {
        self.clock = clock
        state = Locked(State(ceiling: ceiling, timeout: timeout, clock()))
    }

    /// Admits a request of `key`, an account's number, or says when to ask again.
    func admission(_ key: Int) -> Admission { state.withLock { $0.admission(key, clock()) } }

    func admitted(_ key: Int) { state.withLock { $0.admitted(key, clock()) } }

    func limited(_ key: Int, retryAfter: Duration?) { state.withLock { $0.limited(key, retryAfter, clock()) } }

    /// The rate that all keys share.
    private struct SharedRate {
        /// Requests a second; nil if no request got 429 yet.
        var rate: Double?
        var tokens = 1.0
        var refilled: Duration
        /// Nothing is sent before: Retry-After.
        var blockedUntil = Duration.zero
        var lastCut: Duration?
        /// The rate at the last 429; infinite if it is not known, as the first 429 came within the first second.
        var limitedRate = Double.infinity
    }

    /// A key that was answered 429 last.
    private struct LimitedKey {
        /// How many requests of all keys were admitted and got 429 before its first 429.
        let admittedBefore: Int
        var limitedBefore: Int
        /// The shared rate before its 429: that comes back once the key turns out to be limited by itself.
        let sharedBefore: SharedRate
        /// Since when it is known to be limited by itself.
        var ownSince: Duration?
        var blockedUntil = Duration.zero
        var backoff = Backoff(initial: .milliseconds(200), maximum: .seconds(2))
    }

    private struct State {
        /// A 429 cuts the rate to this part, once a second at most.
        static let cut = 0.85
        /// The rate grows by so much a second: far below the rate that got 429, near it, and if that is not known.
        static let growth = (far: 0.05, near: 0.005, unknown: 0.5)
        /// The lowest rate that a first 429 leaves, before the cut.
        static let leastFirstRate = 10

        let ceiling: Double
        /// A service that admits nothing for so long is given up.
        let timeout: Duration
        let began: Duration
        var shared: SharedRate
        var limitedKeys: [Int: LimitedKey] = [:]
        /// Since when nothing was admitted, and the keys that got 429 since; nil if the last answer was no 429.
        var starving: (since: Duration, key: Int, hasSeveralKeys: Bool)?
        var isGivenUp = false
        var admittedCount = 0
        var limitedCount = 0
        /// Answers of this second and of the one before.
        var second: Duration
        var admittedNow = 0
        var admittedBefore = 0

        init(ceiling: Int?, timeout: Duration, _ now: Duration) {
            self.ceiling = ceiling.map { Double($0) } ?? .infinity
            self.timeout = timeout
            began = now
            second = now
            shared = SharedRate(rate: ceiling.map { Double($0) }, refilled: now)
        }

        mutating func admission(_ key: Int, _ now: Duration) -> Admission {
            if isGivenUp { return .never }
            if let starving, now - starving.since >= timeout {
                guard !starving.hasSeveralKeys else {
                    isGivenUp = true
                    return .never
                }
                limitByItself(starving.key, since: starving.since)
                self.starving = nil
            }
            if let limited = limitedKeys[key], let since = limited.ownSince {
                if now - since >= timeout { return .never }
                if now < limited.blockedUntil { return .later(min(limited.blockedUntil, since + timeout) - now) }
            }
            refill(now)
            if now < shared.blockedUntil { return .later(shared.blockedUntil - now) }
            guard let rate = shared.rate else { return .now }
            guard shared.tokens >= 1 else {
                return .later(.milliseconds(Int64(((1 - shared.tokens) / rate * 1_000).rounded(.up))))
            }
            shared.tokens -= 1
            return .now
        }

        mutating func admitted(_ key: Int, _ now: Duration) {
            starving = nil
            limitedKeys[key] = nil
            count(now)
            admittedNow += 1
            admittedCount += 1
        }

        mutating func limited(_ key: Int, _ retryAfter: Duration?, _ now: Duration) {
            count(now)
            let pause = retryAfter.map { min($0, .seconds(86_400)) }
            if var limited = limitedKeys[key] {
                let wasAlone = limitedCount == limited.limitedBefore && admittedCount > limited.admittedBefore
                if limited.ownSince == nil && wasAlone {
                    limitByItself(key, since: now)
                    limited = limitedKeys[key] ?? limited
                }
                if limited.ownSince != nil {
                    limited.blockedUntil = now + max(pause ?? .zero, .milliseconds(50) + limited.backoff.next())
                    limitedKeys[key] = limited
                    return
                }
                limited.limitedBefore += 1
                limitedKeys[key] = limited
            } else {
                limitedKeys[key] = LimitedKey(
                    admittedBefore: admittedCount, limitedBefore: limitedCount + 1, sharedBefore: shared)
            }
            limitedCount += 1
            starving =
                starving.map { ($0.since, $0.key, $0.hasSeveralKeys || $0.key != key) } ?? (now, key, false)
            if let pause { shared.blockedUntil = max(shared.blockedUntil, now + pause) }
            guard shared.lastCut.map({ now - $0 >= .seconds(1) }) ?? true else { return }
            refill(now)
            let current = shared.rate ?? Double(max(Self.leastFirstRate, max(admittedNow, admittedBefore)))
            shared.limitedRate = shared.rate == nil && now - began < .seconds(1) ? .infinity : current
            shared.rate = min(ceiling, max(1, current * Self.cut))
            shared.tokens = min(shared.tokens, 1)
            shared.lastCut = now
        }

        /// The others go on at the rate that they had before this key got 429.
        private mutating func limitByItself(_ key: Int, since: Duration) {
            guard let before = limitedKeys[key]?.sharedBefore else { return }
            limitedKeys[key]?.ownSince = since
            let refilled = shared.refilled
            shared = before
            shared.refilled = refilled
        }

        private mutating func count(_ now: Duration) {
            guard now - second >= .seconds(1) else { return }
            admittedBefore = now - second < .seconds(2) ? admittedNow : 0
            admittedNow = 0
            second = now
        }

        /// Adds the tokens of the time since the last refill, at most a fiftieth of a second's; raises the rate meanwhile.
        private mutating func refill(_ now: Duration) {
            let seconds = max(0, (now - shared.refilled) / .seconds(1))
            shared.refilled = now
            guard var rate = shared.rate else { return }
            shared.tokens = min(max(1, rate / 50), shared.tokens + rate * seconds)
            if now >= shared.blockedUntil, shared.lastCut != nil {
                let growth =
                    shared.limitedRate == .infinity
                    ? Self.growth.unknown : rate < 0.95 * shared.limitedRate ? Self.growth.far : Self.growth.near
                rate = min(ceiling, rate * (1 + growth * min(seconds, 1)))
            }
            shared.rate = rate
        }
    }
}
