import JSON
import Support
import WebhookModel

/// What a write asked for, and what a reading says of it: with this, one procedure settles all six.
struct Settlement {
    /// The reading that would show it.
    let reading: Operation
    /// False where no reading can show all of it: a customer webhook's headers are hidden, and what `override_all: true`
    /// takes from other numbers is not theirs to show.
    let isProvable: Bool
    /// What a repetition is answered with once the write before it was applied: 409, 404, or nothing but 200.
    let repetitionStatus: Int?
    private let operation: Operation
    private let asked: JSON?

    init(_ request: Request) {
        operation = request.operation
        asked = request.body?.json
        switch request.operation {
        case .customerWebhookGet, .customerWebhookSet:
            (reading, isProvable, repetitionStatus) = (.customerWebhookGet, false, nil)
        case .wabaWebhookSet(_, let overrideAll):
            (reading, isProvable, repetitionStatus) = (.wabaWebhookGet, !overrideAll, nil)
        case .wabaWebhookGet: (reading, isProvable, repetitionStatus) = (.wabaWebhookGet, true, nil)
        case .multiWebhookSet(let enabled, _):
            (reading, isProvable, repetitionStatus) = (.multiWebhookGet, true, enabled ? 409 : nil)
        case .multiWebhookAppend: (reading, isProvable, repetitionStatus) = (.multiWebhookGet, true, 409)
        case .multiWebhookDelete: (reading, isProvable, repetitionStatus) = (.multiWebhookGet, true, 404)
        case .multiWebhookGet, .multiWebhookUpdate: (reading, isProvable, repetitionStatus) = (.multiWebhookGet, true, nil)
        }
    }

    /// Whether all that was asked, as far as a reading can show it, is there.
    func isShown(by shown: JSON) -> Bool {
        switch operation {
        case .multiWebhookSet(let enabled, _):
            shown["enabled"]?.boolean == enabled && areThere(in: shown)
        case .multiWebhookAppend:
            shown["enabled"]?.boolean != false && areThere(in: shown)
        case .multiWebhookUpdate: isUpdated(in: shown)
        case .multiWebhookDelete(let name): shown["destinations"] != nil && !shown.hasDestination(name)
        case .customerWebhookSet: shown["url"].map { asked?["url"]?.equals($0) ?? false } ?? false
        case .wabaWebhookSet: asked.map { shown.shows($0, headersAreShown: false) } ?? false
        case .multiWebhookGet, .customerWebhookGet, .wabaWebhookGet: true
        }
    }

    /// Whether a name that was asked for has other content: then a 409 is a conflict, not our own write.
    func isContradicted(by shown: JSON) -> Bool {
        let there = shown.destinations
        return askedDestinations.contains { asked in
            there[asked.destinationName].map { !$0.shows(asked, headersAreShown: true) } ?? false
        }
    }

    /// The answer of a write that a reading settled, in the documented shape.
    func answer(from shown: JSON) -> String {
        switch operation {
        case .multiWebhookDelete: VendorMessages.destinationDeleted
        case .wabaWebhookSet:
            shown["waba_id"]?.integer.map { VendorMessages.webhookWillBeSet(wabaID: $0) } ?? VendorMessages.operationStarted
        default: VendorMessages.operationStarted
        }
    }

    private var askedDestinations: [JSON] { asked?["destinations"]?.elements ?? [] }

    private func areThere(in shown: JSON) -> Bool {
        let there = shown.destinations
        return askedDestinations.allSatisfy { there[$0.destinationName]?.shows($0, headersAreShown: true) ?? false }
    }

    /// An update changes what it gives: headers that it leaves out stay as they are, whatever they are.
    private func isUpdated(in shown: JSON) -> Bool {
        guard let asked, let name = asked["name"]?.string, let destination = shown.destinations[ExactString(name)] else {
            return false
        }
        if let url = asked["url"], destination["url"].map({ !$0.equals(url) }) ?? true { return false }
        if let headers = asked["headers"] {
            guard let there = destination["headers"] else { return headers.members.isEmpty }
            return there.hasSameHeaders(as: headers)
        }
        return true
    }
}

extension JSON {
    /// A reading's destinations by name.
    fileprivate var destinations: [ExactString: JSON] {
        var destinations: [ExactString: JSON] = [:]
        for destination in self["destinations"]?.elements ?? [] { destinations[destination.destinationName] = destination }
        return destinations
    }

    fileprivate var destinationName: ExactString { ExactString(self["name"]?.string ?? "") }

    func hasDestination(_ name: ExactString) -> Bool { destinations[name] != nil }
}
