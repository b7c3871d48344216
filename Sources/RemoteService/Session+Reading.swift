import HTTPTransport
import JSON
import Support
import WebhookModel

extension Session {
    /// How one attempt of a reading ended.
    enum ReadResult {
        case shown(SettingReading)
        case failed(Failure, isTransient: Bool)
        /// 404 from the service itself.
        case missing(Failure)
    }

    /// A reading, with retries.
    func read(_ setting: OperationKind.Setting) throws(Failure) -> SettingReading {
        var retry = Retry(limit: call.settings.maxAttempts)
        while true {
            retry.begin()
            do throws(Failure) {
                switch try readOnce(setting) {
                case .shown(let reading): return reading
                case .missing(let failure): throw failure
                case .failed(let failure, let isTransient):
                    guard isTransient, let delay = retry.delay(after: failure.retryAfter, until: call.deadline) else {
                        throw failure
                    }
                    call.log.write(.warning, "reading again in \(delay.milliseconds) ms: \(failure.message)")
                    try call.pause(delay)
                }
            } catch {
                throw error.with { $0.attempts = retry.attempts }
            }
        }
    }

    /// One attempt. Throws only if the call is over: it was cancelled, or memory is short.
    func readOnce(_ setting: OperationKind.Setting) throws(Failure) -> ReadResult {
        let result = try exchange(setting)
        guard case .missing(let failure) = result, setting != .multiWebhook else { return result }
        return try confirmNotSet(setting, failure)
    }

    /// Some services answer 404 for a webhook that is not set. That is what it means if the same key can read another setting;
    /// else the base URL is wrong.
    private func confirmNotSet(_ setting: OperationKind.Setting, _ failure: Failure) throws(Failure) -> ReadResult {
        var transient: ReadResult?
        for other in OperationKind.Setting.allCases where other != setting {
            let result = try exchange(other)
            switch result {
            case .shown: return .shown(try SettingReading(text: "{}", of: setting))
            case .failed(_, isTransient: true): transient = result
            case .failed(_, isTransient: false), .missing: break
            }
        }
        return transient ?? .missing(failure)
    }

    private func exchange(_ setting: OperationKind.Setting) throws(Failure) -> ReadResult {
        let request = Request(setting)
        switch try send(request) {
        case .cancelled: throw .cancelled
        case .failed(let transfer, _): return .failed(transfer.failure, isTransient: transfer.failure.retryable)
        case .response(let response):
            switch try meaning(of: response, to: request) {
            case .success(let text, let reading?): return .shown(SettingReading(text: text, reading: reading))
            case .success(_, nil): throw .fault("a reading without a reading")
            case .accepted(_, let failure), .unusable(let failure): return .failed(failure, isTransient: false)
            case .rejected(let failure, .codeOnly) where response.status == 404: return .missing(failure)
            case .rejected(let failure, let certainty) where response.status == 409 && certainty != .page:
                let conflict = failure.with {
                    $0.retryable = true
                    $0.retryAfter = response.retryAfter
                }
                return .failed(conflict, isTransient: true)
            case .rejected(let failure, _): return .failed(failure, isTransient: false)
            case .later(let failure): return .failed(failure, isTransient: true)
            case .ambiguous(let failure, _, let isTransient): return .failed(failure, isTransient: isTransient)
            }
        }
    }
}
