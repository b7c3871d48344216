import Support
import WebhookModel

/// One write that brings a number nearer to the document, and what it changes.
package struct Action: Sendable {
    package let operation: Operation
    package let changes: [Change]
    /// With override_all: the numbers that may lose a webhook of their own, as the service writes them.
    package var overrides: [String]?
    /// It clears headers that the service does not show.
    package var clearsHeaders = false

    init(_ operation: Operation, _ changes: [Change]) {
        self.operation = operation
        self.changes = changes
    }

    var isAboutWABA: Bool { operation.kind == .wabaWebhookSet }
    var isAboutCustomer: Bool { operation.kind == .customerWebhookSet }

    /// The names of the destinations that it carries; nil if it is not about destinations.
    var destinations: [String]? {
        switch operation {
        case .multiWebhookSet(_, let destinations), .multiWebhookAppend(let destinations): destinations.map { $0.name.string }
        case .multiWebhookUpdate(let change): [change.name.string]
        case .multiWebhookDelete(let name): [name.string]
        default: nil
        }
    }

    static func setWABA(_ section: WABASection, from snapshot: AccountSnapshot, overrides: [String]?) throws(Failure) -> Action {
        let changes =
            try Change.url(Change.wabaURL, from: snapshot.waba?.url, to: section.webhook.url)
            + Change.headers(Change.wabaHeaders, from: snapshot.waba?.headers, to: section.webhook.headers)
        var action = Action(.wabaWebhookSet(section.webhook, overrideAll: overrides != nil), changes)
        action.overrides = overrides
        return action
    }

    /// Headers that the document leaves out are sent along as they are shown: setting a URL replaces the whole webhook.
    static func setCustomer(
        _ url: ExactString, _ headers: Headers?, from snapshot: AccountSnapshot
    ) throws(Failure) -> Action {
        let webhook = Webhook(url: url, headers: headers ?? snapshot.customerHeaders ?? Headers())
        var changes = try Change.url(Change.customerURL, from: snapshot.customerURL, to: url)
        if snapshot.customerURL == nil || snapshot.customerHeaders != nil, headers != nil {
            changes += Change.headers(Change.customerHeaders, from: snapshot.customerHeaders, to: webhook.headers)
        }
        var action = Action(.customerWebhookSet(webhook), changes)
        action.clearsHeaders = headers == nil && snapshot.customerURL != nil && snapshot.customerHeaders == nil
        return action
    }
}
