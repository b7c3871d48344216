import Support
import WebhookModel

/// What the accounts of a document do together: a WABA webhook is set once per WABA, whichever of its accounts asks.
package struct Coordination: Sendable {
    /// One account as it was found.
    package struct Member: Sendable {
        package let account: FleetAccount
        /// Nil: it was not read.
        package let actual: Actual?
        package let difference: Difference?
        /// Nothing speaks against writing to it.
        package let isLive: Bool
        /// It was read and is the account that the document expects.
        package let isExpected: Bool

        package init(_ account: FleetAccount, _ actual: Actual?, _ difference: Difference?, isLive: Bool) {
            self.account = account
            self.actual = actual
            self.difference = difference
            self.isLive = isLive
            isExpected = actual.map { Inspection.expectation(account.expectation, $0).isEmpty } ?? false
        }
    }

    /// A WABA whose webhook is set.
    package struct Group: Sendable {
        /// The account whose row has the action.
        package let carrier: Int
        /// The others that ask for it.
        package let askers: [Int]
        /// With override_all: the accounts that have a webhook of their own now.
        package let owners: [Int]
    }

    /// By account: what it does, in the order of work.
    package private(set) var actions: [[Action]]
    /// By account: why nothing may be written for it.
    package private(set) var failures: [Int: Failure] = [:]
    package private(set) var groups: [Group] = []
    private let members: [Member]
    private let isForced: Bool
    private let allowUnlisted: Bool
    /// Accounts by the digits of their expected number.
    private var expecting: [String: [Int]] = [:]

    package init(_ members: [Member], force: Set<Section> = [], allowUnlisted: Bool = false) {
        self.members = members
        self.allowUnlisted = allowUnlisted
        isForced = force.contains(.waba)
        actions = members.map { member in (member.difference?.actions ?? []).filter { !$0.isAboutWABA } }
        for (index, member) in members.enumerated() {
            if let number = member.account.expectation.number { expecting[digits(number), default: []].append(index) }
        }
        for group in Self.byWABA(members) { settle(group) }
    }

    /// Accounts that were read, by WABA in the order of the document; one whose WABA is not shown is alone.
    static func byWABA(_ members: [Member]) -> [[Int]] {
        var groups: [[Int]] = []
        var places: [Int64: Int] = [:]
        for (index, member) in members.enumerated() {
            guard let actual = member.actual else { continue }
            if let id = actual.wabaID, let place = places[id] {
                groups[place].append(index)
            } else {
                if let id = actual.wabaID { places[id] = groups.count }
                groups.append([index])
            }
        }
        return groups
    }

    private mutating func settle(_ group: [Int]) {
        let askers = group.filter { members[$0].isExpected && members[$0].account.waba != nil }
        let live = askers.filter { members[$0].isLive }
        guard let carrier = live.first, let section = members[carrier].account.waba, let actual = members[carrier].actual else {
            return
        }
        let agree = askers.allSatisfy { members[$0].account.waba?.webhook == section.webhook }
        guard agree else {
            let failure = Failure(
                .invalidRequest, "accounts of this WABA ask for different WABA webhooks: one WABA has one",
                path: "/\(Section.waba.rawValue)")
            for asker in live { failures[asker] = failure }
            return
        }
        let overrideAll = live.contains { members[$0].account.waba?.overrideAll == true }
        let owners = group.filter { members[$0].actual?.customerURL != nil }
        let takesOne = overrideAll && owners.contains { members[$0].isLive && members[$0].account.isFollowing }
        let differs = !(actual.waba?.shows(section.webhook) ?? false)
        guard differs || isForced || takesOne else { return }
        var overrides: [String]?
        if overrideAll {
            let listing = listing(of: actual, group)
            if let problem = listing.problem, !allowUnlisted {
                for asker in live { failures[asker] = problem }
                return
            }
            overrides = listing.overrides
        }
        actions[carrier].insert(.setWABA(section, from: actual, overrides: overrides), at: 0)
        if overrideAll { setAgain(owners) }
        groups.append(Group(carrier: carrier, askers: live.filter { $0 != carrier }, owners: overrideAll ? owners : []))
    }

    /// Webhooks that override_all takes and the document gives.
    private mutating func setAgain(_ owners: [Int]) {
        for index in owners where members[index].isLive {
            guard case .webhook(let webhook) = members[index].account.customer, let actual = members[index].actual else {
                continue
            }
            if actions[index].contains(where: { $0.isAboutCustomer }) { continue }
            let place = actions[index].first?.isAboutWABA == true ? 1 : 0
            actions[index].insert(.setCustomer(webhook, from: actual), at: place)
        }
    }

    /// The numbers that have a webhook of their own or may have one, and why none may be taken.
    private func listing(of actual: Actual, _ group: [Int]) -> (overrides: [String], problem: Failure?) {
        var overrides: [String] = []
        var unlisted: [String] = []
        for number in actual.numbers {
            let named = expecting[digits(number)] ?? []
            let isKnown = !named.isEmpty && named.allSatisfy { members[$0].isLive && members[$0].actual != nil }
            let owning = named.filter { members[$0].actual?.customerURL != nil }
            if !isKnown || !owning.isEmpty { overrides.append(number) }
            if !isKnown || owning.contains(where: { members[$0].account.customer.isUnmanaged }) { unlisted.append(number) }
        }
        guard !unlisted.isEmpty else { return (overrides, nil) }
        let names = unlisted.prefix(3).map { quoted($0) }.joined(separator: ", ") + (unlisted.count > 3 ? ", …" : "")
        let failure = Failure(
            .invalidRequest,
            "override_all would take webhooks that the document does not give back, of \(unlisted.count) numbers (\(names)): name "
                + "each by expect.number with its customer_webhook, or allow_unlisted", path: "/waba_webhook/override_all")
        return (overrides, failure)
    }
}

extension CustomerSection {
    var isUnmanaged: Bool {
        if case .unmanaged = self { return true }
        return false
    }
}

extension Action {
    var isAboutWABA: Bool {
        if case .setWABA = kind { return true }
        return false
    }

    var isAboutCustomer: Bool {
        if case .setCustomer = kind { return true }
        return false
    }
}
