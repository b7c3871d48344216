import Support
import WebhookModel

/// What one number lacks of its document, by itself: what its WABA's other numbers ask for comes in `Coordination`.
package struct Difference: Sendable {
    /// The number has a webhook of its own that the document does not let it have.
    package let isShadowed: Bool
    /// In the order of work. The WABA webhook's is a wish: one account carries it for all.
    package let actions: [Action]
    /// Nothing is to be done and nothing is left that no action can mend; what is forced does not count.
    package let isInSync: Bool

    package init(of account: FleetAccount, from actual: Actual, force: Set<Section> = []) {
        isShadowed = account.isFollowing && actual.customerURL != nil
        let needed = Self.actions(account, actual, [])
        isInSync = !isShadowed && needed.isEmpty
        actions = force.isEmpty ? needed : Self.actions(account, actual, force)
    }

    private static func actions(_ account: FleetAccount, _ actual: Actual, _ force: Set<Section>) -> [Action] {
        var actions: [Action] = []
        if let section = account.waba, force.contains(.waba) || !(actual.waba?.shows(section.webhook) ?? false) {
            actions.append(.setWABA(section, from: actual, overrides: section.overrideAll ? [] : nil))
        }
        if case .webhook(let webhook) = account.customer, force.contains(.customer) || actual.customerURL != webhook.url {
            actions.append(.setCustomer(webhook, from: actual))
        }
        if let section = account.multi {
            let multi = actual.multi ?? ShownMulti(enabled: false)
            actions += section.enabled ? mending(section, multi, force.contains(.multi)) : disabling(multi)
        }
        return actions
    }

    private static func disabling(_ actual: ShownMulti) -> [Action] {
        guard actual.enabled else { return [] }
        return [Action(kind: .disable, changes: [Change(path: Change.enabled, content: .enabled(before: true, after: false))])]
    }

    /// Enabling carries the missing destinations where nothing is to be deleted: else the maximum could refuse them.
    private static func mending(_ section: MultiSection, _ actual: ShownMulti, _ isForced: Bool) -> [Action] {
        let given = Set(section.destinations.map { $0.name })
        let deletes = section.prune ? actual.destinations.filter { !given.contains($0.name) } : []
        let missing = section.destinations.filter { actual.destination($0.name) == nil }
        let updates = section.destinations.filter { actual.destination($0.name) != nil && (isForced || !actual.shows($0)) }
        let carries = !actual.enabled && deletes.isEmpty
        var actions: [Action] = []
        if !actual.enabled {
            let on = Change(path: Change.enabled, content: .enabled(before: false, after: true))
            let carried = carries ? missing : []
            actions.append(Action(kind: .enable(carried), changes: [on] + carried.flatMap { Change.between(nil, $0) }))
        }
        actions += deletes.map { Action(kind: .delete($0.name), changes: Change.between($0, nil)) }
        actions += updates.map { Action(kind: .update($0), changes: Change.between(actual.destination($0.name), $0)) }
        if !carries && !missing.isEmpty {
            actions.append(Action(kind: .append(missing), changes: missing.flatMap { Change.between(nil, $0) }))
        }
        return actions
    }
}

extension Action {
    static func setWABA(_ section: WABASection, from actual: Actual, overrides: [String]? = nil) -> Action {
        Action(
            kind: .setWABA(section.webhook, overrides: overrides),
            changes: Change.between(actual.waba, section.webhook, url: Change.wabaURL, headers: Change.wabaHeaders))
    }

    /// Its headers, before and after, are nobody's to see.
    static func setCustomer(_ webhook: Webhook, from actual: Actual) -> Action {
        let isChanged = actual.customerURL != webhook.url
        let change = Change(path: Change.customerURL, content: .url(before: actual.customerURL, after: webhook.url))
        return Action(kind: .setCustomer(webhook), changes: isChanged ? [change] : [])
    }
}

extension FleetAccount {
    var isFollowing: Bool {
        if case .follows = customer { return true }
        return false
    }
}
