import JSON
import Support
import WebhookModel

/// One write that brings a number nearer to the document, and what it changes.
package struct Action: Sendable {
    package enum Kind: Sendable {
        case setCustomer(Webhook)
        /// `overrides`: the numbers that may lose a webhook of their own, as the service writes them; nil: none does.
        case setWABA(Webhook, overrides: [String]?)
        case enable([Destination])
        case disable
        case append([Destination])
        case update(Destination)
        case delete(ExactString)
    }

    package var kind: Kind
    package let changes: [Change]

    package var name: StaticString {
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
    /// The request that the service gets.
    func request() throws(Failure) -> Request {
        switch kind {
        case .setCustomer(let webhook): try Request(.customerWebhookSet(webhook))
        case .setWABA(let webhook, let overrides): try Request(.wabaWebhookSet(webhook, overrideAll: overrides != nil))
        case .enable(let destinations): try Request(.multiWebhookSet(enabled: true, destinations: destinations))
        case .disable: try Request(.multiWebhookSet(enabled: false, destinations: []))
        case .append(let destinations): try Request(.multiWebhookAppend(destinations))
        case .update(let destination):
            try Request(
                .multiWebhookUpdate(
                    DestinationChange(name: destination.name, url: destination.webhook.url, headers: destination.webhook.headers))
            )
        case .delete(let name): try Request(deleting: name.string)
        }
    }
}
