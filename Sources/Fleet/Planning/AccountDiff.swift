import Support
import WebhookModel

/// The difference of one number from its document. `FleetPlan` has what the accounts of its WABA need together.
package struct AccountDiff: Sendable {
    /// The number has a webhook of its own that the document does not let it have.
    package let isShadowed: Bool
    /// The document gives a WABA webhook, and another one or none is set.
    package let wabaDiffers: Bool
    /// In the order of work, without the WABA webhook.
    package let actions: [Action]
    /// Nothing has to be done, and nothing is left that no action can fix. What is forced does not count.
    package let isInSync: Bool

    package init(
        of account: FleetAccount, from snapshot: AccountSnapshot, force: Set<FleetOptions.Section> = []
    ) throws(Failure) {
        isShadowed = account.follows && snapshot.customerURL != nil
        wabaDiffers = try account.waba.map { section throws(Failure) in try !section.isShown(by: snapshot) } ?? false
        let needed = try Self.actions(account, snapshot, [])
        isInSync = !isShadowed && !wabaDiffers && needed.isEmpty
        actions = force.isEmpty ? needed : try Self.actions(account, snapshot, force)
    }

    private static func actions(
        _ account: FleetAccount, _ snapshot: AccountSnapshot, _ force: Set<FleetOptions.Section>
    ) throws(Failure) -> [Action] {
        var actions: [Action] = []
        if case .webhook(let url, let headers) = account.customer {
            let isShown = try snapshot.showsCustomer(url, headers)
            if force.contains(.customerWebhook) || !isShown {
                actions.append(try .setCustomer(url, headers, from: snapshot))
            }
        }
        if let section = account.multi {
            let multi = snapshot.multi ?? .off
            actions += section.enabled ? try enabledActions(section, multi, force.contains(.multiWebhook)) : disableActions(multi)
        }
        return actions
    }

    private static func disableActions(_ shown: MultiSnapshot) -> [Action] {
        guard shown.isOn else { return [] }
        let change = Change(Change.enabled, .enabled(before: true, after: false))
        return [Action(.multiWebhookSet(enabled: false, destinations: []), [change])]
    }

    /// Enabling carries the missing destinations only if nothing is to be deleted: otherwise the maximum could reject them.
    private static func enabledActions(
        _ section: MultiSection, _ shown: MultiSnapshot, _ isForced: Bool
    ) throws(Failure) -> [Action] {
        var actions: [Action] = []
        var missing: [Destination] = []
        var updates: [Action] = []
        for wanted in section.destinations {
            guard let current = shown.destination(named: wanted.name) else {
                missing.append(wanted)
                continue
            }
            let isShown = try current.shows(wanted.webhook)
            guard isForced || !isShown else { continue }
            let change = DestinationChange(name: wanted.name, url: wanted.webhook.url, headers: wanted.webhook.headers)
            let changes = try Change.destination(wanted.name, from: current, to: wanted.webhook)
            updates.append(Action(.multiWebhookUpdate(change), changes))
        }
        var deletes: [Action] = []
        // Names in a document are unique: if all of them show, nothing else does where the counts agree.
        if section.prune && (section.destinations.count != shown.destinations.count || !missing.isEmpty) {
            var kept = Set(section.destinations.map { $0.name })
            for extra in shown.destinations {
                guard let name = extra.name, kept.insert(name).inserted else { continue }
                deletes.append(Action(.multiWebhookDelete(name), try Change.destination(name, from: extra, to: nil)))
            }
        }
        let carries = !shown.isOn && deletes.isEmpty
        var additions: [Change] = []
        for one in missing { additions += try Change.destination(one.name, from: nil, to: one.webhook) }
        if !shown.isOn {
            let on = Change(Change.enabled, .enabled(before: false, after: true))
            let operation = Operation.multiWebhookSet(enabled: true, destinations: carries ? missing : [])
            actions.append(Action(operation, [on] + (carries ? additions : [])))
        }
        actions += deletes + updates
        if !carries && !missing.isEmpty { actions.append(Action(.multiWebhookAppend(missing), additions)) }
        return actions
    }
}

extension WABASection {
    func isShown(by snapshot: AccountSnapshot) throws(Failure) -> Bool {
        guard let shown = snapshot.waba else { return false }
        return try shown.isSame(as: webhook)
    }
}

extension Webhook {
    /// URLs are compared after normalisation.
    func isSame(as other: Webhook) throws(Failure) -> Bool { try url.isSameURL(as: other.url) && headers == other.headers }
}

extension AccountSnapshot {
    /// As far as the service shows it; nil headers are not managed.
    func showsCustomer(_ url: ExactString, _ headers: Headers?) throws(Failure) -> Bool {
        guard let customerURL, try customerURL.isSameURL(as: url) else { return false }
        guard let headers, let customerHeaders else { return true }
        return headers == customerHeaders
    }
}

extension DestinationReading {
    func shows(_ webhook: Webhook) throws(Failure) -> Bool {
        guard let url, try url.isSameURL(as: webhook.url) else { return false }
        return headers ?? Headers() == webhook.headers
    }
}
