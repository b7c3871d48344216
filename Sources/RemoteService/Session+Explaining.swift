import Support
import WebhookModel

extension Session {
    /// Reads the configuration to find out what a 409 or 404 without our status means.
    func explained(_ rejection: Failure, of operation: Operation) throws(Failure) -> Failure {
        switch (rejection.httpStatus, operation) {
        case (409, .multiWebhookAppend), (409, .multiWebhookUpdate), (409, .multiWebhookDelete),
            (409, .multiWebhookSet(enabled: false, _)):
            return try readDestinations()?.enabled == false ? rejection.reinterpreted(as: .notEnabled) : rejection
        case (404, .multiWebhookUpdate(let change)): return try unknownName(change.name, "/name", rejection)
        case (404, .multiWebhookDelete(let name)): return try unknownName(name, nil, rejection)
        default: return rejection
        }
    }

    /// A name that was deleted a moment ago may still show, so it is looked for as often as an operation is tried.
    private func unknownName(_ name: ExactString, _ path: String?, _ rejection: Failure) throws(Failure) -> Failure {
        var retry = Retry(limit: call.settings.maxAttempts)
        while true {
            retry.begin()
            guard let shown = try readDestinations() else { return rejection }
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

extension Failure {
    /// Another failure in place of a service's rejection, with the rejection's code and words.
    func reinterpreted(as failure: Failure) -> Failure {
        failure.with {
            $0.httpStatus = httpStatus
            $0.serviceMessage = serviceMessage
        }
    }
}
