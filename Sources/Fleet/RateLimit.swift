import Support

/// One rate of requests that all accounts of a call share: a token bucket with a ceiling. A 429 cuts the rate to 85%, once a
/// second at most; then it is raised again, the more slowly the nearer it comes to what the service refused.
final class RateLimit: @unchecked Sendable {
    private let mutex = Mutex()
    private let ceiling: Double
    /// Milliseconds after which a service that admits nothing is given up.
    private let patience: Int64
    private let clock: @Sendable () -> Int64

    /// Requests a second; nil: not limited, as nothing was refused yet.
    private var rate: Double?
    private var tokens = 1.0
    private let began: Int64
    private var refilled: Int64
    /// Nothing is sent before: Retry-After.
    private var blockedUntil: Int64 = 0
    private var lastCut: Int64?
    /// The rate that was refused last; infinite while it is not known, as the first 429 came before a second was over.
    private var refusedRate = Double.infinity
    /// Since when nothing was admitted; nil: the last answer was no 429.
    private var starvingSince: Int64?
    private var isGivenUp = false
    /// Answers of this second and of the one before.
    private var second: Int64
    private var admittedNow = 0
    private var admittedBefore = 0

    init(ceiling: Int?, patience: Int, clock: @escaping @Sendable () -> Int64 = { Clock.milliseconds }) {
        self.ceiling = ceiling.map(Double.init) ?? .infinity
        self.patience = Int64(patience)
        self.clock = clock
        rate = ceiling.map(Double.init)
        began = clock()
        refilled = began
        second = began
    }

    enum Turn: Equatable { case now, later(Int64), never }

    /// Takes a turn, or says in how many milliseconds to ask again.
    func turn() -> Turn {
        mutex.locked {
            let now = clock()
            if isGivenUp { return .never }
            if let since = starvingSince, now - since >= patience {
                isGivenUp = true
                return .never
            }
            refill(now)
            if now < blockedUntil { return .later(blockedUntil - now) }
            guard let rate else { return .now }
            guard tokens >= 1 else { return .later(Int64(((1 - tokens) / rate * 1_000).rounded(.up))) }
            tokens -= 1
            return .now
        }
    }

    func admitted() {
        mutex.locked {
            starvingSince = nil
            count(clock())
            admittedNow += 1
        }
    }

    /// Seconds.
    func refused(retryAfter: Int64?) {
        mutex.locked {
            let now = clock()
            count(now)
            if starvingSince == nil { starvingSince = now }
            if let retryAfter { blockedUntil = max(blockedUntil, now + min(retryAfter, 86_400) * 1_000) }
            guard lastCut.map({ now - $0 >= 1_000 }) ?? true else { return }
            refill(now)
            let current = rate ?? Double(max(10, max(admittedNow, admittedBefore)))
            refusedRate = rate == nil && now - began < 1_000 ? .infinity : current
            rate = min(ceiling, max(1, current * 0.85))
            tokens = min(tokens, 1)
            lastCut = now
        }
    }

    private func count(_ now: Int64) {
        guard now - second >= 1_000 else { return }
        admittedBefore = now - second < 2_000 ? admittedNow : 0
        admittedNow = 0
        second = now
    }

    /// Tokens of the time since the last refill, a fiftieth of a second's at most; and a rate that has risen meanwhile.
    private func refill(_ now: Int64) {
        let seconds = Double(max(0, now - refilled)) / 1_000
        refilled = now
        guard var rate else { return }
        tokens = min(max(1, rate / 50), tokens + rate * seconds)
        if now >= blockedUntil, lastCut != nil {
            let growth = refusedRate == .infinity ? 0.5 : rate < 0.95 * refusedRate ? 0.05 : 0.005
            rate = min(ceiling, rate * (1 + growth * min(seconds, 1)))
        }
        self.rate = rate
    }
}

/// The shared limit as one operation keeps to it.
final class Turns: RequestThrottle, @unchecked Sendable {
    private let limit: RateLimit
    /// Used by the operation's own thread.
    private(set) var waited = Duration.zero

    init(_ limit: RateLimit) { self.limit = limit }

    func acquire(_ call: Call) throws(Failure) {
        while true {
            switch limit.turn() {
            case .now: return
            case .never: throw .notAdmitted(call.settings.timeout.milliseconds)
            case .later(let wait):
                let began = Clock.milliseconds
                // In slices: others may be refused meanwhile, and nobody waits longer than the service is given.
                do throws(Failure) { try call.pause(min(wait, 50)) } catch {
                    waited += .milliseconds(Clock.milliseconds - began)
                    throw error
                }
                waited += .milliseconds(Clock.milliseconds - began)
            }
        }
    }

    func refused(retryAfter: Duration?) { limit.refused(retryAfter: retryAfter.map { $0.components.seconds }) }

    func admitted() { limit.admitted() }
}

extension Failure {
    fileprivate static func notAdmitted(_ timeout: Int64) -> Failure {
        Failure(.rateLimited, "the service has admitted no request for \(timeout) ms (429)", retryable: true).with {
            $0.httpStatus = 429
            $0.serviceMessage = ""
        }
    }
}
