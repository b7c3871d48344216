import Support
import Synchronization

/// One operation of an account under the limit that the whole call shares.
final class ThrottledOperation: RequestThrottle, Sendable {
    private let limit: RateLimit
    private let key: Int
    private let waitedMilliseconds = Atomic<Int64>(0)

    init(_ limit: RateLimit, key: Int) {
        self.limit = limit
        self.key = key
    }

    var waited: Duration { .milliseconds(waitedMilliseconds.load(ordering: .relaxed)) }

    func acquire(_ call: Call) throws(Failure) {
        while true {
            switch limit.admission(key) {
            case .now: return
            case .never: throw .notAdmitted(call.settings.timeout)
            case .later(let wait):
                let began = Clock.monotonic
                defer { waitedMilliseconds.add((Clock.monotonic - began).milliseconds, ordering: .relaxed) }
                // In slices: others may get 429 meanwhile, and no operation waits longer than the service is given.
                try call.pause(min(wait, .milliseconds(50)))
            }
        }
    }

    func rejected(retryAfter: Duration?) { limit.limited(key, retryAfter: retryAfter) }

    func admitted() { limit.admitted(key) }
}

extension Failure {
    fileprivate static func notAdmitted(_ timeout: Duration) -> Failure {
        let message = "the service has admitted no request for \(timeout.milliseconds) ms (429)"
        return Failure(.rateLimited, message, retryable: true).with {
            $0.httpStatus = 429
            $0.serviceMessage = ""
        }
    }
}
