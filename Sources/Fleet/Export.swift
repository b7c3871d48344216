import JSON
import Support
import WebhookModel

extension FleetCall {
    /// `{"document", "report"}`: a document of what is there, that a plan finds in sync.
    package static func export(_ keys: String, _ options: String?, _ context: Context) throws(Failure) -> CallResult {
        let call = try begin(.export, keys, options, context)
        let report = try call.reported { () throws(Failure) in
            try call.readAll()
            for row in call.rows { row.difference = row.first.map { Difference(of: row.account, from: $0) } }
        }
        return try CallResult(#"{"document":\#(call.exported()),"report":\#(report.text)}"#)
    }

    /// The accounts that could be read, keys and header values included.
    private func exported() throws(Failure) -> String {
        let read = chosen.map { rows[$0] }.filter { $0.first != nil }
        let shared = SharedWebhooks(read.compactMap { $0.first })
        var accounts = ""
        for row in read {
            guard let actual = row.first else { continue }
            if !accounts.isEmpty { accounts += "," }
            accounts += try account(row.account, actual, shared).text()
        }
        let webhooks = try shared.json()
        let first = webhooks.members.isEmpty ? "" : try #""webhooks":\#(webhooks.text()),"#
        return #"{\#(first)"accounts":[\#(accounts)]}"#
    }

    private func account(_ account: FleetAccount, _ actual: Actual, _ shared: SharedWebhooks) throws(Failure) -> JSON {
        var members: [(String, JSON)] = [("name", try .string(account.name)), ("api_key", try .string(account.key.text))]
        var expect: [(String, JSON)] = []
        if let id = actual.wabaID { expect.append(("waba_id", try .integer(id))) }
        if let number = actual.numbers.first, actual.numbers.count == 1, !digits(number).isEmpty {
            expect.append(("number", try .string(number)))
        }
        if !expect.isEmpty { members.append(("expect", try .object(expect))) }
        let own = try JSON.optional(actual.customerURL) { url throws(Failure) in
            try .object(shared.members(of: Webhook(url: url)))
        }
        members.append((Section.customer.rawValue, own))
        if let waba = actual.waba {
            let webhook = Webhook(url: waba.url, headers: waba.headers ?? Headers())
            members.append((Section.waba.rawValue, try .object(shared.members(of: webhook))))
        }
        if let multi = actual.multi { members.append((Section.multi.rawValue, try section(multi, shared))) }
        return try .object(members)
    }

    /// Destinations that are dormant are left out: a document that turns multi-webhook off gives none.
    private func section(_ multi: ShownMulti, _ shared: SharedWebhooks) throws(Failure) -> JSON {
        guard multi.enabled else { return try .object([("enabled", .boolean(false))]) }
        var destinations: [JSON] = []
        for one in multi.destinations {
            destinations.append(
                try .object([("name", .string(one.name.string))] + shared.members(of: one.webhook)))
        }
        return try .object([("enabled", .boolean(true)), ("destinations", .array(destinations))])
    }
}

/// Webhooks that several accounts use, by the name that the document gives them.
private struct SharedWebhooks {
    private struct Identity: Hashable {
        let url: ExactString
        let headers: [Headers.Field]

        init(_ webhook: Webhook) {
            url = webhook.url
            headers = webhook.headers.sorted
        }
    }

    private var names: [Identity: String] = [:]
    private var named: [(name: String, webhook: Webhook)] = []

    init(_ accounts: [Actual]) {
        var users: [Identity: Int] = [:]
        var order: [Webhook] = []
        for actual in accounts {
            var seen: Set<Identity> = []
            for webhook in actual.webhooks where seen.insert(Identity(webhook)).inserted {
                if users[Identity(webhook)] == nil { order.append(webhook) }
                users[Identity(webhook), default: 0] += 1
            }
        }
        for webhook in order where users[Identity(webhook), default: 0] > 1 {
            let name = "webhook-\(named.count + 1)"
            names[Identity(webhook)] = name
            named.append((name, webhook))
        }
    }

    func members(of webhook: Webhook) throws(Failure) -> [(String, JSON)] {
        if let name = names[Identity(webhook)] { return [("use", try .string(name))] }
        return try webhook.members()
    }

    func json() throws(Failure) -> JSON {
        var members: [(String, JSON)] = []
        for (name, webhook) in named { members.append((name, try .object(webhook.members()))) }
        return try .object(members)
    }
}

extension Actual {
    /// In the order in which a document gives them.
    fileprivate var webhooks: [Webhook] {
        var webhooks = customerURL.map { [Webhook(url: $0)] } ?? []
        if let waba { webhooks.append(Webhook(url: waba.url, headers: waba.headers ?? Headers())) }
        if let multi, multi.enabled { webhooks += multi.destinations.map { $0.webhook } }
        return webhooks
    }
}

extension Webhook {
    fileprivate func members() throws(Failure) -> [(String, JSON)] {
        let url = ("url", try JSON.string(url.string))
        return headers.fields.isEmpty ? [url] : [url, ("headers", try headers.json())]
    }
}
