import JSON
import Support
import WebhookModel

/// What one number's reading says against its document.
struct Inspection {
    private(set) var findings: [Finding] = []

    init(of account: FleetAccount, _ actual: Actual, _ validator: RequestValidator) throws(Failure) {
        findings += Self.expectation(account.expectation, actual)
        route(actual)
        customer(account, actual)
        if let section = account.waba { waba(section, actual) }
        if let section = account.multi { multi(section, actual.multi ?? ShownMulti(enabled: false)) }
        try policy(account, actual, validator)
    }

    /// Of a number that could not be read.
    init(of failure: Failure) {
        guard failure.status == .unauthorized else { return }
        findings.append(
            Finding(
                .unauthorized,
                "the service refuses this number's API key, so nothing of it can be read or mended: the key is wrong or was "
                    + "rotated; put the new one into the document", path: "/api_key"))
    }

    /// What of `expect` does not hold; nothing is written where anything is.
    static func expectation(_ expectation: Expectation, _ actual: Actual) -> [Finding] {
        var findings: [Finding] = []
        if let id = expectation.wabaID, id != actual.wabaID {
            findings.append(
                Finding(
                    .wrongWABA,
                    "this key's number is on another WABA than the document expects, so it is not written to: the number moved, "
                        + "or the key is another number's", path: "/expect/waba_id", expected: .integer(id),
                    actual: actual.wabaID.map { .integer($0) } ?? .none))
        }
        if let number = expectation.number, !actual.numbers.contains(where: { digits($0) == digits(number) }) {
            findings.append(
                Finding(
                    .numberNotOnWABA,
                    "the key's WABA does not list this number, so it is not written to: the number moved or was removed, or the "
                        + "key is another number's", path: "/expect/number", expected: .text(number),
                    actual: .texts(actual.numbers)))
        }
        return findings
    }

    private mutating func route(_ actual: Actual) {
        guard actual.customerURL == nil && actual.waba == nil else { return }
        findings.append(
            Finding(
                .noRoute,
                "neither the number nor its WABA has a webhook: every event of this number is lost, and nobody is told; set one "
                    + "of the two"))
    }

    private mutating func customer(_ account: FleetAccount, _ actual: Actual) {
        switch account.customer {
        case .unmanaged: return
        case .follows:
            guard let url = actual.customerURL else { return }
            findings.append(
                Finding(
                    .wabaWebhookShadowed,
                    "the number has a webhook of its own, so its events do not reach its WABA's: only override_all on the WABA "
                        + "webhook takes it away", path: Change.customerURL, actual: .url(url)))
        case .webhook(let webhook):
            if let url = actual.customerURL, url != webhook.url {
                findings.append(
                    Finding(
                        .customerWebhookMismatch,
                        "the number's own webhook is another one: its events go there" + Self.hint(url, webhook.url),
                        path: Change.customerURL, expected: .url(webhook.url), actual: .url(url)))
            } else if actual.customerURL == nil {
                let now = actual.waba == nil ? "its events are lost" : "its events go to its WABA's webhook"
                findings.append(
                    Finding(
                        .customerWebhookMissing, "the number has no webhook of its own: \(now) until it is set",
                        path: Change.customerURL, expected: .url(webhook.url)))
            }
            guard !webhook.headers.fields.isEmpty else { return }
            findings.append(
                Finding(
                    .headersUnverifiable,
                    "the service does not show the headers of a number's own webhook: whether events carry these cannot be "
                        + "told; force customer_webhook to send them again", path: Change.customerHeaders,
                    expected: .texts(webhook.headers.sorted.map { $0.name })))
        }
    }

    private mutating func waba(_ section: WABASection, _ actual: Actual) {
        let webhook = section.webhook
        let here = actual.customerURL == nil ? "" : " (this number has one of its own)"
        guard let shown = actual.waba else {
            findings.append(
                Finding(
                    .wabaWebhookMissing,
                    "the WABA has no webhook: events of its numbers without one of their own are lost until it is set\(here)",
                    path: Change.wabaURL, expected: .url(webhook.url)))
            return
        }
        if shown.url != webhook.url {
            findings.append(
                Finding(
                    .wabaWebhookMismatch,
                    "the WABA's webhook is another one: events of its numbers without one of their own go there\(here)"
                        + Self.hint(shown.url, webhook.url), path: Change.wabaURL, expected: .url(webhook.url),
                    actual: .url(shown.url)))
        }
        if let headers = shown.headers, headers != webhook.headers {
            findings.append(
                Finding(
                    .wabaWebhookMismatch,
                    "the WABA's webhook gets other headers than the document's: its receiver may refuse events\(here)",
                    path: Change.wabaHeaders, expected: .names(webhook.headers), actual: .names(headers)))
        }
    }

    private mutating func multi(_ section: MultiSection, _ actual: ShownMulti) {
        guard section.enabled else {
            guard actual.enabled else { return }
            findings.append(
                Finding(
                    .multiWebhookEnabled, "multi-webhook is on: its destinations get copies that the document does not want",
                    path: Change.enabled, expected: .boolean(false), actual: .boolean(true)))
            return
        }
        if !actual.enabled {
            findings.append(
                Finding(
                    .multiWebhookDisabled, "multi-webhook is off: no destination gets a copy of this number's events",
                    path: Change.enabled, expected: .boolean(true), actual: .boolean(false)))
        }
        for destination in section.destinations { self.destination(destination, actual) }
        let given = Set(section.destinations.map { $0.name })
        for extra in actual.destinations where !given.contains(extra.name) {
            let then = section.prune ? "apply deletes it" : "prune lets apply delete it"
            findings.append(
                Finding(
                    .destinationUnexpected,
                    "destination \(quoted(extra.name.string)) is not in the document and gets copies of events; \(then)",
                    path: Change.path(extra.name, "url"), actual: .url(extra.webhook.url)))
        }
    }

    private mutating func destination(_ wanted: Destination, _ actual: ShownMulti) {
        let name = quoted(wanted.name.string)
        guard let shown = actual.destination(wanted.name) else {
            findings.append(
                Finding(
                    .destinationMissing, "destination \(name) is not set: it gets no copy of this number's events",
                    path: Change.path(wanted.name, "url"), expected: .url(wanted.webhook.url)))
            return
        }
        if shown.webhook.url != wanted.webhook.url {
            findings.append(
                Finding(
                    .destinationMismatch,
                    "destination \(name) is another URL: the copies go there" + Self.hint(shown.webhook.url, wanted.webhook.url),
                    path: Change.path(wanted.name, "url"), expected: .url(wanted.webhook.url), actual: .url(shown.webhook.url)))
        }
        if shown.webhook.headers != wanted.webhook.headers {
            findings.append(
                Finding(
                    .destinationMismatch,
                    "destination \(name) gets other headers than the document's: its receiver may refuse the copies",
                    path: Change.path(wanted.name, "headers"), expected: .names(wanted.webhook.headers),
                    actual: .names(shown.webhook.headers)))
        }
    }

    /// URLs that are set, whoever set them; the document's own were judged when it was read.
    private mutating func policy(_ account: FleetAccount, _ actual: Actual, _ validator: RequestValidator) throws(Failure) {
        if let url = actual.customerURL { try policy(url, of: account, validator) { Change.customerURL } }
        if let url = actual.waba?.url { try policy(url, of: account, validator) { Change.wabaURL } }
        for one in actual.multi?.destinations ?? [] {
            try policy(one.webhook.url, of: account, validator) { Change.path(one.name, "url") }
        }
    }

    private mutating func policy(
        _ url: ExactString, of account: FleetAccount, _ validator: RequestValidator, path: () -> String
    ) throws(Failure) {
        guard !account.gives(url) else { return }
        do throws(Failure) { _ = try validator.url(JSON.string(url.string), at: path()) } catch {
            guard error.status == .invalidRequest else { throw error }
            findings.append(
                Finding(
                    .urlPolicy, "a URL that is set breaks the rules, so events to it may be refused or lost: \(error.message)",
                    path: path(), actual: .url(url)))
        }
    }

    /// Where the two look the same in a report.
    private static func hint(_ one: ExactString, _ other: ExactString) -> String {
        let same = ExactString(Redaction.url(one.string)) == ExactString(Redaction.url(other.string))
        return same ? "; they differ in what is not shown: userinfo, query or fragment" : ""
    }
}

extension FleetAccount {
    fileprivate func gives(_ url: ExactString) -> Bool {
        if case .webhook(let webhook) = customer, webhook.url == url { return true }
        return waba?.webhook.url == url || multi?.destinations.contains { $0.webhook.url == url } == true
    }
}

extension Finding.Value {
    fileprivate static func names(_ headers: Headers) -> Finding.Value { .texts(headers.sorted.map { $0.name }) }
}
