import JSON
import Support

/// Reads until the WABA webhook is what `request` asks for, and returns that reading. `timeout` bounds the whole; each reading
/// has the client's own limit too. Zero reads once.
package func waitForWABAWebhook(
    _ request: Request, of service: any WebhookService, key: APIKey, timeout: Duration, call: Call
) throws(Failure) -> String {
    guard case .wabaWebhookSet(let webhook, _) = request.operation else { throw .fault("a wait for another operation") }
    let call = call.redacting(Secrets(request.body?.json.secrets ?? []))
    let deadline = Deadline(in: timeout)
    var retry = Retry(backoff: Backoff(initial: .milliseconds(200), maximum: .seconds(2)))
    var lastSeen: String?
    var attempts = 0
    func ended(_ failure: Failure) -> Failure {
        failure.with { $0.attempts = service.scope == .embedded ? min(attempts, 1) : attempts }
    }
    while true {
        retry.begin()
        var after: Duration?
        do throws(Failure) {
            let limit = timeout == .zero ? call.settings.timeout : max(.milliseconds(1), deadline.remaining)
            let answer = try service.read(.wabaWebhook, key: key, call: call.operation(within: limit))
            attempts += 1
            guard case .wabaWebhook(let reading) = answer.reading else { throw .fault("a reading of another setting") }
            switch try webhook.evidence(url: reading.url, headers: reading.headers) {
            case .shows, .cannotTell: return answer.text
            case .lacks, .contradicts: lastSeen = try reading.redacted().text()
            }
        } catch {
            attempts += error.attempts
            guard error.retryable else { throw ended(error) }
            if timeout == .zero && error.status != .timeout { throw ended(error) }
            after = error.retryAfter
        }
        guard !deadline.hasPassed else {
            let waited = timeout == .zero ? "at this reading" : "within \(timeout.milliseconds) ms"
            let late = Failure(.timeout, "the WABA webhook was not as requested \(waited)", retryable: true)
            throw ended(late.with { $0.lastSeen = lastSeen ?? "null" })
        }
        let pause = retry.delay(after: after, until: .never) ?? .zero
        do throws(Failure) { try call.pause(min(pause, deadline.remaining)) } catch { throw ended(error) }
    }
}

extension WABAWebhookReading {
    /// The configuration as `last_seen` shows it: header values hidden, URLs without userinfo, query and fragment.
    fileprivate func redacted() throws(Failure) -> JSON {
        var members: [(String, JSON)] = []
        if let url { members.append(("url", try .string(URLText(url.string).redacted))) }
        if let headers {
            var hidden: [(String, JSON)] = []
            for field in headers.fields { hidden.append((field.name, try .string("***"))) }
            members.append(("headers", try .object(hidden)))
        }
        if let wabaID { members.append(("waba_id", try .integer(wabaID))) }
        if let numbers {
            var elements: [JSON] = []
            for number in numbers { elements.append(try .string(number)) }
            members.append(("numbers_on_this_waba", try .array(elements)))
        }
        return try .object(members)
    }
}
