import WebhookModel

/// One write that brings a number nearer to the document, and what it changes.
public struct Action: Sendable {
    public enum Kind: Sendable {
        case setCustomer(Webhook)
        /// `overrides`: the numbers that may lose a webhook of their own, as the service writes them; nil: none does.
        case setWABA(Webhook, overrides: [String]?)
        case enable([Destination])
        case disable
        case append([Destination])
        case update(Destination)
        case delete(ExactText)
    }

    public var kind: Kind
    public let changes: [Change]

    public var name: StaticString {
        switch kind {
        case .setCustomer: "customer_webhook_set"
        case .setWABA: "waba_webhook_set"
        case .enable, .disable: "multi_webhook_set"
        case .append: "multi_webhook_append"
        case .update: "multi_webhook_update"
        case .delete: "multi_webhook_delete"
        }
    }

    /// Names of the destinations that it carries; nil: it is not about destinations.
    var destinations: [String]? {
        switch kind {
        case .setCustomer, .setWABA: nil
        case .disable: []
        case .enable(let destinations), .append(let destinations): destinations.map { $0.name.string }
        case .update(let destination): [destination.name.string]
        case .delete(let name): [name.string]
        }
    }

    /// Whether a reading shows what was asked, as far as readings can.
    func isShown(by actual: Actual) -> Bool {
        switch kind {
        case .setCustomer(let webhook): return actual.customerURL == webhook.url
        case .setWABA(let webhook, _): return actual.waba?.shows(webhook) ?? false
        case .disable: return actual.multi?.enabled == false
        case .enable(let destinations), .append(let destinations):
            guard let multi = actual.multi, multi.enabled else { return false }
            return destinations.allSatisfy { multi.shows($0) }
        case .update(let destination): return actual.multi?.shows(destination) ?? false
        case .delete(let name): return actual.multi.map { $0.destination(name) == nil } ?? false
        }
    }
}

extension Action {
    /// As the service gets it.
    func request(_ judge: Judge) throws(Failure) -> Request {
        switch kind {
        case .setCustomer(let webhook):
            return try Request(webhook.json().text(), judge) { judge, json throws(Failure) in try judge.customerWebhookSet(json) }
        case .setWABA(let webhook, let overrides):
            let body = try JSON.object([
                ("url", .string(webhook.url.string)), ("headers", webhook.headers.json()),
                ("override_all", .boolean(overrides != nil)),
            ])
            return try Request(body.text(), judge) { judge, json throws(Failure) in try judge.wabaWebhookSet(json) }
        case .enable(let destinations):
            var members = [("enabled", try JSON.boolean(true))]
            if !destinations.isEmpty { members.append(("destinations", try .destinations(destinations))) }
            return try multiSet(.object(members), judge)
        case .disable: return try multiSet(.object([("enabled", .boolean(false))]), judge)
        case .append(let destinations):
            let body = try JSON.object([("destinations", .destinations(destinations))])
            return try Request(body.text(), judge) { judge, json throws(Failure) in try judge.multiWebhookAppend(json) }
        case .update(let destination):
            let body = try destination.json().text()
            return try Request(body, judge) { judge, json throws(Failure) in try judge.multiWebhookUpdate(json) }
        case .delete(let name): return try Request(deleting: name.string)
        }
    }

    private func multiSet(_ body: JSON, _ judge: Judge) throws(Failure) -> Request {
        try Request(body.text(), judge) { judge, json throws(Failure) in try judge.multiWebhookSet(json) }
    }
}

extension Webhook {
    func json() throws(Failure) -> JSON { try .object([("url", .string(url.string)), ("headers", headers.json())]) }
}

extension JSON {
    fileprivate static func destinations(_ destinations: [Destination]) throws(Failure) -> JSON {
        var elements: [JSON] = []
        for destination in destinations { elements.append(try destination.json()) }
        return try .array(elements)
    }
}
