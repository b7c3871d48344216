import JSON
import Support
import WebhookModel

/// A document of what is there, which a plan finds in sync. Something that no document can give is left out with a finding.
struct FleetExport {
    private struct Account {
        let index: Int
        var customer: Webhook?
        var hasCustomer = false
        var waba: Webhook?
        var destinations: [Destination] = []
        var multi: MultiSnapshot?
        let snapshot: AccountSnapshot
    }

    private let session: FleetSession
    private var accounts: [Account] = []
    /// By the accounts' places in the key document.
    private(set) var findings: [Int: [Finding]] = [:]

    init(_ session: FleetSession, _ readings: [AccountReading]) throws(Failure) {
        self.session = session
        for index in session.selected {
            try session.check()
            if let snapshot = readings[index].snapshot { accounts.append(try account(index, snapshot)) }
        }
    }

    private mutating func account(_ index: Int, _ snapshot: AccountSnapshot) throws(Failure) -> Account {
        var account = Account(index: index, snapshot: snapshot)
        if let url = snapshot.customerURL {
            let webhook = Webhook(url: url, headers: snapshot.customerHeaders ?? Headers())
            if let reason = try flaw(of: webhook) {
                leaveOut(index, FindingMessages.notExported(.customerWebhookMismatch, reason, path: Change.customerHeaders))
            } else {
                account.customer = webhook
                account.hasCustomer = true
            }
        } else {
            account.hasCustomer = true
        }
        if let webhook = snapshot.waba {
            if let reason = try flaw(of: webhook) {
                leaveOut(index, FindingMessages.notExported(.wabaWebhookMismatch, reason, path: Change.wabaHeaders))
            } else {
                account.waba = webhook
            }
        }
        account.multi = snapshot.multi
        // Dormant destinations are left out: a document that turns multi-webhook off gives none.
        guard let multi = snapshot.multi, multi.isOn else { return account }
        var names: Set<ExactString> = []
        for shown in multi.destinations {
            let name = shown.name ?? ""
            let destination = Destination(
                name: name, webhook: Webhook(url: shown.url ?? "", headers: shown.headers ?? Headers()))
            var reason = try flaw(of: destination)
            if reason == nil && !names.insert(name).inserted { reason = "the service shows a destination of this name twice" }
            if let reason {
                leaveOut(
                    index, FindingMessages.notExported(.destinationUnexpected, reason, path: Change.path(name, "url")))
            } else {
                account.destinations.append(destination)
            }
        }
        return account
    }

    private mutating func leaveOut(_ index: Int, _ finding: Finding) { findings[index, default: []].append(finding) }

    /// Why a plan would not accept this webhook, if not for its URL: a URL that breaks the rules has a finding of its own.
    private func flaw(of webhook: Webhook) throws(Failure) -> String? {
        try flaw { validator throws(Failure) in
            if webhook.url.string.isEmpty { throw Failure(.invalidRequest, "it has no URL") }
            _ = try validator.headers(webhook.headers.json(), at: "")
        }
    }

    private func flaw(of destination: Destination) throws(Failure) -> String? {
        if let reason = try flaw(of: destination.webhook) { return reason }
        return try flaw { validator throws(Failure) in _ = try validator.name(.string(destination.name.string), at: "") }
    }

    private func flaw(_ check: (RequestValidator) throws(Failure) -> Void) throws(Failure) -> String? {
        do throws(Failure) {
            try check(RequestValidator(scope: session.service.scope, policy: .none))
            return nil
        } catch {
            guard error.status == .invalidRequest else { throw error }
            return error.message
        }
    }

    // The document

    /// The document's JSON text, keys and header values included.
    func text() throws(Failure) -> String {
        let shared = SharedWebhooks(
            accounts.map { account in
                (account.customer.map { [$0] } ?? []) + (account.waba.map { [$0] } ?? [])
                    + account.destinations.map { $0.webhook }
            })
        var writer = JSONWriter()
        try writer.object { writer throws(Failure) in
            shared.write(to: &writer)
            try writer.array("accounts") { writer throws(Failure) in
                for account in accounts {
                    try session.check()
                    write(account, shared, to: &writer)
                }
            }
        }
        return writer.text
    }

    private func write(_ exported: Account, _ shared: SharedWebhooks, to writer: inout JSONWriter) {
        let account = session.account(exported.index)
        let numbers = exported.snapshot.numbers?.numbers ?? []
        let number = numbers.count == 1 ? numbers.first { !phoneDigits($0).isEmpty && $0.sanitized == $0 } : nil
        let wabaID = exported.snapshot.wabaID.flatMap { $0 > 0 ? $0 : nil }
        writer.object { writer in
            writer.member("name", account.name)
            writer.member("api_key", account.key.text)
            if wabaID != nil || number != nil {
                writer.object("expect") { writer in
                    if let wabaID { writer.member("waba_id", wabaID) }
                    if let number { writer.member("number", number) }
                }
            }
            if let customer = exported.customer {
                writer.object("customer_webhook") { writer in
                    shared.writeMembers(of: customer, to: &writer)
                }
            } else if exported.hasCustomer {
                writer.null("customer_webhook")
            }
            if let waba = exported.waba {
                writer.object("waba_webhook") { writer in shared.writeMembers(of: waba, to: &writer) }
            }
            guard let multi = exported.multi else { return }
            writer.object("multi_webhook") { writer in
                writer.member("enabled", multi.isOn)
                guard multi.isOn else { return }
                writer.array("destinations") { writer in
                    for destination in exported.destinations {
                        writer.object { writer in
                            writer.member("name", destination.name.string)
                            shared.writeMembers(of: destination.webhook, to: &writer)
                        }
                    }
                }
            }
        }
    }
}

/// Webhooks that several accounts use, by the names that the document gives them.
private struct SharedWebhooks {
    private var names: [Webhook: String] = [:]
    private var named: [(name: String, webhook: Webhook)] = []

    /// `accounts` are the webhooks of each account, in the order in which a document gives them.
    init(_ accounts: [[Webhook]]) {
        var users: [Webhook: Int] = [:]
        var order: [Webhook] = []
        for webhooks in accounts {
            for webhook in Set(webhooks) { users[webhook, default: 0] += 1 }
            order += webhooks
        }
        for webhook in order where users[webhook, default: 0] > 1 && names[webhook] == nil {
            let name = "webhook-\(named.count + 1)"
            names[webhook] = name
            named.append((name, webhook))
        }
    }

    func write(to writer: inout JSONWriter) {
        guard !named.isEmpty else { return }
        writer.object("webhooks") { writer in
            for (name, webhook) in named {
                writer.object(named: name) { writer in Self.write(webhook, to: &writer) }
            }
        }
    }

    func writeMembers(of webhook: Webhook, to writer: inout JSONWriter) {
        if let name = names[webhook] { return writer.member("use", name) }
        Self.write(webhook, to: &writer)
    }

    private static func write(_ webhook: Webhook, to writer: inout JSONWriter) {
        writer.member("url", webhook.url.string)
        guard !webhook.headers.isEmpty else { return }
        writer.object("headers") { writer in
            for field in webhook.headers.fields { writer.member(named: field.name, field.value.string) }
        }
    }
}
