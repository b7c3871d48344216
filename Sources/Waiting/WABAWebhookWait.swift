import WebhookModel

/// Reads until the WABA webhook is what `request` asks for; answers with that reading. `timeout` is in milliseconds and
/// bounds the whole; each reading has the client's own limit besides. 0 reads once.
public func waitForWABAWebhook(
    _ request: Request, of service: any WebhookService, key: APIKey, timeout: Int64, call: Call
) throws(Failure) -> String {
    guard let asked = request.body?.json else { throw .fault("a wait without a request") }
    let deadline = Deadline(in: timeout)
    var backoff = Backoff(first: 200, longest: 2_000)
    var lastSeen: String?
    var attempts = 0
    func ended(_ failure: Failure) -> Failure {
        failure.with { $0.attempts = service.scope == .embedded ? min(attempts, 1) : attempts }
    }
    while true {
        do throws(Failure) {
            let answer = try service.perform(
                Request(.wabaWebhookGet, for: request), key: key, call: reading(call, within: deadline, once: timeout == 0))
            attempts += 1
            let shown = try JSON.answer(answer)
            if shown.shows(asked, headersAreShown: false) { return answer }
            lastSeen = try shown.withoutSecrets().text()
        } catch {
            attempts += error.attempts
            guard error.retryable else { throw ended(error) }
            if timeout == 0 && error.status != .timeout { throw ended(error) }
        }
        guard deadline.remaining > 0 else {
            let waited = timeout == 0 ? "at this reading" : "within \(timeout) ms"
            let late = Failure(.timeout, "the WABA webhook is not what was asked for \(waited)", retryable: true)
            throw ended(late.with { $0.lastSeen = lastSeen ?? "null" })
        }
        do throws(Failure) { try call.pause(min(backoff.next(), deadline.remaining)) } catch { throw ended(error) }
    }
}

private func reading(_ call: Call, within deadline: Deadline, once: Bool) -> Call {
    once ? call : call.limited(to: Int(max(1, deadline.remaining)))
}

extension JSON {
    /// A configuration as `last_seen` may show it: header values hidden, URLs without what they lose.
    fileprivate func withoutSecrets() throws(Failure) -> JSON {
        var members: [(String, JSON)] = []
        for (name, value) in self.members {
            switch name {
            case "url": members.append((name, try .string(Redaction.url(value.string ?? ""))))
            case "headers":
                var hidden: [(String, JSON)] = []
                for (header, _) in value.members { hidden.append((header, try .string("***"))) }
                members.append((name, try .object(hidden)))
            case "waba_id", "numbers_on_this_waba": members.append((name, value))
            default: break  // what we do not know may be a secret
            }
        }
        return try .object(members)
    }
}
