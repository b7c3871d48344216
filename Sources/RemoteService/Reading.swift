import JSON
import Support
import WebhookModel

extension RemoteService {
    /// A reading, with retries.
    func read(
        _ operation: Operation, secrets: [String], key: APIKey, call: Call, deadline: Deadline
    ) throws(Failure) -> (text: String, json: JSON) {
        var attempts = Attempts(most: call.settings.maxAttempts)
        while true {
            attempts.begin()
            let reading = try readOnce(operation, key: key, call: call, deadline: deadline, secrets: secrets)
            switch reading {
            case .shown(let text, let json): return (text, json)
            case .failed(let failure, let after, let mayPass):
                let failure = failure.with { $0.attempts = attempts.count }
                guard mayPass, let wait = attempts.wait(after: after, until: deadline) else { throw failure }
                call.log.write(.warning, "reading again in \(wait) ms: \(failure.message)")
                do throws(Failure) { try call.pause(wait) } catch { throw error.with { $0.attempts = attempts.count } }
            }
        }
    }

    enum Reading {
        case shown(text: String, JSON)
        case failed(Failure, after: Int64?, mayPass: Bool)
    }

    /// One exchange. Throws only where the call is over: cancelled, out of memory.
    /// `secrets`: texts beside the key that the service's words may not repeat.
    func readOnce(
        _ operation: Operation, key: APIKey, call: Call, deadline: Deadline, secrets: [String] = []
    ) throws(Failure) -> Reading {
        switch try exchange(operation, key: key, call: call, deadline: deadline) {
        case .cancelled: throw Failure.cancelled.with { $0.attempts = 1 }
        case .failed(let transfer, _): return .failed(transfer.failure, after: nil, mayPass: transfer.failure.retryable)
        case .answer(let answer):
            switch try Reply(answer, to: Request(operation), secrets: [key.text] + secrets) {
            case .success(let text, let json): return .shown(text: text, json)
            case .unusable(let failure): return .failed(failure, after: nil, mayPass: false)
            case .refused(let failure, _) where answer.status == 409:
                let conflict = failure.with {
                    $0.status = .conflict
                    $0.retryable = true
                }
                return .failed(conflict, after: answer.retryAfter, mayPass: true)
            case .refused(let failure, _): return .failed(failure, after: nil, mayPass: false)
            case .later(let failure, let after): return .failed(failure, after: after, mayPass: true)
            case .lost(let failure, let after, _):
                let mayPass = [500, 502, 503, 504].contains(answer.status)
                return .failed(failure, after: after, mayPass: mayPass)
            }
        }
    }
}
