import Support
import WebhookModel

extension Session {
    /// Reads the configuration to find out what a 409 or 404 without our status means. Nil if it cannot be read.
    func explained(_ rejection: Failure, of operation: Operation) throws(Failure) -> Failure? {
        switch (rejection.httpStatus, operation) {
        case (409, _) where operation.needsMultiWebhook:
            return try readDestinations().map { rejection.explained(by: .multiWebhook($0), of: operation) }
        case (404, .multiWebhookUpdate(let change)): return try unknownName(change.name, "/name", rejection)
        case (404, .multiWebhookDelete(let name)): return try unknownName(name, nil, rejection)
        default: return rejection
        }
    }

    /// A name that was deleted a moment ago may still show, so it is looked for as often as an operation is tried.
    private func unknownName(_ name: ExactString, _ path: String?, _ rejection: Failure) throws(Failure) -> Failure? {
        var retry = Retry(limit: call.settings.maxAttempts)
        while true {
            retry.begin()
            guard let shown = try readDestinations() else { return nil }
            guard shown.destination(named: name) != nil else {
                return rejection.reinterpreted(as: .noDestination(named: name.string, path: path))
            }
            guard let delay = retry.delay(until: call.deadline) else {
                return rejection.with { $0.message = "the service has no such path (404), though the destination exists" }
            }
            try call.pause(delay)
        }
    }

    /// Nil if they cannot be read.
    private func readDestinations() throws(Failure) -> MultiWebhookReading? {
        var retry = Retry(limit: call.settings.maxAttempts)
        while true {
            retry.begin()
            switch try readBriefly(.multiWebhook) {
            case .shown(let shown):
                guard case .multiWebhook(let reading) = shown.reading else { return nil }
                return reading
            case .failed(let failure, isTransient: true):
                guard let delay = retry.delay(after: failure.retryAfter, until: call.deadline) else { return nil }
                try call.pause(delay)
            case .failed(_, isTransient: false), .missing: return nil
            }
        }
    }
}

extension Operation {
    /// The service rejects it while multi-webhook is off.
    fileprivate var needsMultiWebhook: Bool {
        switch self {
        case .multiWebhookAppend, .multiWebhookUpdate, .multiWebhookDelete, .multiWebhookSet(enabled: false, _): true
        default: false
        }
    }
}

extension Failure {
    /// The meaning of a 409 or 404 without our status, by what was read after it.
    func explained(by reading: Reading, of operation: Operation) -> Failure {
        guard case .multiWebhook(let shown) = reading else { return self }
        switch (httpStatus, operation) {
        case (409, _) where operation.needsMultiWebhook && shown.enabled == false: return reinterpreted(as: .notEnabled)
        case (404, .multiWebhookUpdate(let change)) where shown.destination(named: change.name) == nil:
            return reinterpreted(as: .noDestination(named: change.name.string, path: "/name"))
        default: return self
        }
    }

    /// Another failure in place of a service's rejection, with the rejection's code and words.
    func reinterpreted(as failure: Failure) -> Failure {
        failure.with {
            $0.httpStatus = httpStatus
            $0.serviceMessage = serviceMessage
        }
    }
}
