import Support
import WebhookModel

/// Every message of findings and rejections.
enum FindingMessages {
    // Preconditions

    /// The members of `expect` that do not hold.
    static func violations(of expectation: Expectation, in snapshot: AccountSnapshot) -> [Finding] {
        var findings: [Finding] = []
        if let id = expectation.wabaID, id != snapshot.wabaID {
            findings.append(
                Finding(
                    .wrongWABA,
                    "this key's number is on another WABA than the document expects, so it is not written to: the number moved, "
                        + "or the key belongs to another number; correct the account in the document", .edit,
                    path: "/expect/waba_id", expected: .integer(id), actual: snapshot.wabaID.map { .integer($0) } ?? .none))
        }
        if let number = expectation.number, snapshot.numbers?.contains(number) != true {
            findings.append(
                Finding(
                    .numberNotOnWABA,
                    "the key's WABA does not list this number, so it is not written to: the number moved or was removed, or the "
                        + "key belongs to another number; correct the account in the document", .edit, path: "/expect/number",
                    expected: .text(number), actual: .texts(Array((snapshot.numbers?.numbers ?? []).prefix(mostNumbers)))))
        }
        return findings
    }

    /// A WABA may have thousands of numbers, and each of its accounts has a finding of its own.
    private static let mostNumbers = 10

    static func numberUnmanaged(_ number: String) -> Finding {
        Finding(
            .numberUnmanaged,
            "the WABA lists a number that no account of the document expects, so nothing checks where its events go; add an "
                + "account for it, or remove the number from the WABA", .edit, path: "/waba_webhook", actual: .text(number))
    }

    static let unauthorized = Finding(
        .unauthorized,
        "the service rejects this number's API key, so nothing can be read or changed: the key is wrong or was rotated; put the "
            + "new key into the document", .edit, path: "/api_key")

    static let stalePlan = Finding(
        .stalePlan,
        "since the plan was made, this number's configuration or what would be sent has changed, so nothing was written; make a "
            + "new plan", .plan)

    // Routes

    static func noRoute(_ remedy: Finding.Remedy) -> Finding {
        Finding(
            .noRoute,
            "neither the number nor its WABA has a webhook: every event of this number is lost in silence; set one of the two",
            remedy)
    }

    static func customerShadows(_ url: ExactString, isFreed: Bool) -> Finding {
        let fix = isFreed ? "apply removes it by override_all" : "only override_all on the WABA webhook removes it"
        return Finding(
            .wabaWebhookShadowed,
            "the number has a webhook of its own, so its events do not reach its WABA's webhook; \(fix)",
            isFreed ? .apply : .edit, path: Change.customerURL, actual: .url(url))
    }

    static func customerMissing(_ wanted: ExactString, hasWABA: Bool) -> Finding {
        let now = hasWABA ? "its events go to its WABA's webhook" : "its events are lost"
        return Finding(
            .customerWebhookMissing, "the number has no webhook of its own: \(now) until it is set", .apply,
            path: Change.customerURL, expected: .url(wanted))
    }

    static func customerDiffers(_ wanted: ExactString, _ shown: ExactString) -> Finding {
        Finding(
            .customerWebhookMismatch,
            "the number's own webhook is another URL: its events go there" + hint(shown, wanted), .apply,
            path: Change.customerURL, expected: .url(wanted), actual: .url(shown))
    }

    static func customerHeadersDiffer(_ wanted: Headers, _ shown: Headers) -> Finding {
        Finding(
            .customerWebhookMismatch,
            "the number's own webhook gets other headers than the document's: its receiver may reject events", .apply,
            path: Change.customerHeaders, expected: .names(wanted), actual: .names(shown))
    }

    static func headersUnverifiable(_ wanted: Headers) -> Finding {
        Finding(
            .headersUnverifiable,
            "the service does not show the headers of a number's own webhook, so nobody can tell whether events carry these; "
                + "force customer_webhook to send them again", nil, path: Change.customerHeaders, expected: .names(wanted))
    }

    static let headersCleared = Finding(
        .headersCleared,
        "setting the URL of the number's own webhook clears its headers, which the service does not show: the receiver may "
            + "reject events without them; give the headers in the document", .edit, path: Change.customerHeaders)

    static func headerName(_ headers: Headers, path: String) -> Finding {
        Finding(
            .headerName,
            "the name of a header has an underscore: many proxies drop such headers, and the receiver may reject events; use "
                + "hyphens", .edit, path: path, actual: .names(headers))
    }

    static func wabaMissing(_ wanted: ExactString, hasOwn: Bool) -> Finding {
        Finding(
            .wabaWebhookMissing,
            "the WABA has no webhook: events of its numbers without one of their own are lost until it is set" + here(hasOwn),
            .apply, path: Change.wabaURL, expected: .url(wanted))
    }

    static func wabaDiffers(_ wanted: ExactString, _ shown: ExactString, hasOwn: Bool) -> Finding {
        Finding(
            .wabaWebhookMismatch,
            "the WABA's webhook is another URL: events of its numbers without one of their own go there" + here(hasOwn)
                + hint(shown, wanted), .apply, path: Change.wabaURL, expected: .url(wanted), actual: .url(shown))
    }

    static func wabaHeadersDiffer(_ wanted: Headers, _ shown: Headers, hasOwn: Bool) -> Finding {
        Finding(
            .wabaWebhookMismatch,
            "the WABA's webhook gets other headers than the document's: its receiver may reject events" + here(hasOwn), .apply,
            path: Change.wabaHeaders, expected: .names(wanted), actual: .names(shown))
    }

    private static func here(_ hasOwn: Bool) -> String { hasOwn ? " (this number has a webhook of its own)" : "" }

    /// Says what differs if the two look the same in a report.
    private static func hint(_ one: ExactString, _ other: ExactString) -> String {
        let looksSame = ExactString(Redaction.url(one.string)) == ExactString(Redaction.url(other.string))
        return looksSame ? "; they differ in what is not shown: userinfo, query or fragment" : ""
    }

    // Destinations

    static let multiEnabled = Finding(
        .multiWebhookEnabled, "multi-webhook is on: its destinations get copies that the document does not want", .apply,
        path: Change.enabled, expected: .boolean(false), actual: .boolean(true))

    static let multiDisabled = Finding(
        .multiWebhookDisabled, "multi-webhook is off: no destination gets a copy of this number's events", .apply,
        path: Change.enabled, expected: .boolean(true), actual: .boolean(false))

    static func destinationMissing(_ wanted: Destination) -> Finding {
        Finding(
            .destinationMissing,
            "destination \(quoted(wanted.name.string)) is not set: it gets no copy of this number's events", .apply,
            path: Change.path(wanted.name, "url"), expected: .url(wanted.webhook.url))
    }

    static func destinationDiffers(_ wanted: Destination, _ shown: ExactString?) -> Finding {
        Finding(
            .destinationMismatch,
            "destination \(quoted(wanted.name.string)) has another URL: the copies go there"
                + (shown.map { hint($0, wanted.webhook.url) } ?? ""), .apply, path: Change.path(wanted.name, "url"),
            expected: .url(wanted.webhook.url), actual: .url(shown))
    }

    static func destinationHeadersDiffer(_ wanted: Destination, _ shown: Headers) -> Finding {
        Finding(
            .destinationMismatch,
            "destination \(quoted(wanted.name.string)) gets other headers than the document's: its receiver may reject the copies",
            .apply, path: Change.path(wanted.name, "headers"), expected: .names(wanted.webhook.headers), actual: .names(shown))
    }

    static func destinationUnexpected(_ name: ExactString, _ url: ExactString?, prunes: Bool) -> Finding {
        let fix = prunes ? "apply deletes it" : "add it to the document, or set prune so that apply deletes it"
        return Finding(
            .destinationUnexpected, "destination \(quoted(name.string)) is not in the document and gets copies of events; \(fix)",
            prunes ? .apply : .edit, path: Change.path(name, "url"), actual: .url(url))
    }

    static func urlPolicy(_ url: ExactString, _ reason: String, _ remedy: Finding.Remedy, path: String) -> Finding {
        Finding(
            .urlPolicy, "a URL that is set breaks the rules, so events to it may be rejected or lost: \(reason)", remedy,
            path: path, actual: .url(url))
    }

    // Probes

    static func probeFailed(_ result: ProbeResult, path: String) -> Finding? {
        let (reason, actual): (String, Finding.Value)
        switch result {
        case .fine, .cancelled: return nil
        case .failed(let words): (reason, actual) = (words, .text(words))
        case .status(let code):
            let rejects = code == 401 || code == 403 ? ": it rejects the secret in the headers, or the signature" : ""
            (reason, actual) = ("it answered \(code)\(rejects)", .integer(Int64(code)))
        }
        let message = "the receiver did not answer a probe with 200 (\(reason)); events sent there would be retried or lost"
        return Finding(.probeFailed, message, .probe, path: path, expected: .integer(200), actual: actual)
    }

    // Export

    /// Something that is set and that no document can give.
    static func notExported(_ code: Finding.Code, _ reason: String, path: String) -> Finding {
        Finding(code, "this is left out of the document, as no document can give it: \(reason)", .edit, path: path)
    }

    // Rejections

    static let ownWebhookStays =
        "the number has a webhook of its own, which only override_all on its WABA's webhook removes"

    static func notShown(within wait: Duration) -> String {
        "the service does not show what was sent within \(wait.milliseconds) ms"
    }

    static func wabaNotShown(within wait: Duration) -> String {
        "within \(wait.milliseconds) ms the service does not show the WABA webhook, or still shows a webhook that override_all removes"
    }

    static func tooManyFailures(_ limit: Int) -> String { "not begun: \(limit) accounts have failed (max_failures)" }

    static func tooManyChanges(_ count: Int, _ limit: Int) -> String {
        "\(count) accounts would change, and max_changes is \(limit): nothing was written"
    }
}
