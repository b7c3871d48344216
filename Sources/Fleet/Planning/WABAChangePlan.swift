import Support
import WebhookModel

/// A WABA whose webhook is set: once, whichever of its accounts ask for it.
package struct WABAChangePlan: Sendable {
    /// The account whose row has the action.
    package let leader: Int
    /// The others that ask for it.
    package let followers: [Int]
    /// With override_all: the accounts that have a webhook of their own now. They lose it, and it is set again if the document
    /// gives one.
    package let overridden: [Int]
    package let action: Action
    /// Stands for the change in its accounts' digests.
    package internal(set) var digest = ""

    /// The change takes own webhooks from the numbers of the WABA.
    package var removesOwn: Bool { action.overrides != nil }
}

/// Decides for each WABA whether its webhook is set.
struct WABAPlanner {
    enum Decision {
        case nothing
        /// Every one of these accounts fails.
        case rejected([Int], Failure)
        case change(WABAChangePlan)
    }

    private let document: FleetDocument
    private let readings: [AccountReading]
    private let options: FleetOptions
    /// Accounts by the digits of the number that they expect.
    private var expecting: [String: [Int]] = [:]
    /// Accounts that were not read and name no number, by the WABA that they expect.
    private var unread: [Int64: [Int]] = [:]
    /// Accounts that were read, by WABA in the order of the document. One whose WABA is not shown is alone.
    private(set) var groups: [[Int]] = []

    init(_ document: FleetDocument, _ readings: [AccountReading], _ options: FleetOptions) {
        self.document = document
        self.readings = readings
        self.options = options
        var places: [Int64: Int] = [:]
        for (index, reading) in readings.enumerated() {
            let expectation = document.accounts[index].expectation
            if let number = expectation.number { expecting[phoneDigits(number), default: []].append(index) }
            guard let snapshot = reading.snapshot else {
                if let id = expectation.wabaID, expectation.number == nil { unread[id, default: []].append(index) }
                continue
            }
            if let id = snapshot.wabaID, let place = places[id] {
                groups[place].append(index)
            } else {
                if let id = snapshot.wabaID { places[id] = groups.count }
                groups.append([index])
            }
        }
    }

    func plan(_ group: [Int], _ accounts: [FleetPlan.AccountPlan?]) throws(Failure) -> Decision {
        let asking = group.filter { document.accounts[$0].waba != nil && accounts[$0]?.violations.isEmpty == true }
        let live = asking.filter { accounts[$0]?.rejection == nil }
        guard let leader = live.first, let section = document.accounts[leader].waba, let snapshot = readings[leader].snapshot
        else { return .nothing }
        for index in asking {
            if let other = document.accounts[index].waba, try !other.webhook.isSame(as: section.webhook) {
                return .rejected(live, .wabaWebhooksDisagree)
            }
        }
        let overridesAll = live.contains { document.accounts[$0].waba?.overrideAll == true }
        let owners = group.filter { readings[$0].snapshot?.customerURL != nil }
        let mustFree = overridesAll && owners.contains { accounts[$0]?.rejection == nil && document.accounts[$0].follows }
        let differs = live.contains { accounts[$0]?.diff.wabaDiffers == true }
        guard differs || mustFree || options.force.contains(.wabaWebhook) else { return .nothing }
        var overrides: [String]?
        if overridesAll {
            let check = OverrideCheck(document, readings, accounts, expecting, unread, allowUnlisted: options.allowUnlisted)
            switch check.run(group, snapshot) {
            case .failure(let failure): return .rejected(live, failure)
            case .success(let numbers): overrides = numbers
            }
        }
        return .change(
            WABAChangePlan(
                leader: leader, followers: Array(live.dropFirst()), overridden: overridesAll ? owners : [],
                action: try .setWABA(section, from: snapshot, overrides: overrides)))
    }
}

/// Makes sure that override_all takes no webhook that the document does not give back.
private struct OverrideCheck {
    private let document: FleetDocument
    private let readings: [AccountReading]
    private let accounts: [FleetPlan.AccountPlan?]
    private let expecting: [String: [Int]]
    private let unread: [Int64: [Int]]
    private let allowUnlisted: Bool

    init(
        _ document: FleetDocument, _ readings: [AccountReading], _ accounts: [FleetPlan.AccountPlan?],
        _ expecting: [String: [Int]], _ unread: [Int64: [Int]], allowUnlisted: Bool
    ) {
        self.document = document
        self.readings = readings
        self.accounts = accounts
        self.expecting = expecting
        self.unread = unread
        self.allowUnlisted = allowUnlisted
    }

    /// The numbers that may lose a webhook of their own, or why nothing may be sent.
    func run(_ group: [Int], _ snapshot: AccountSnapshot) -> Result<[String], Failure> {
        var overrides: [String] = []
        var problems: [OverrideProblem] = []
        var seen: Set<Int> = []
        for number in snapshot.numbers?.numbers ?? [] {
            guard let named = expecting[phoneDigits(number)] else {
                overrides.append(number)
                if !allowUnlisted { problems.append(OverrideProblem(number: number, reason: .unlisted)) }
                continue
            }
            var mayLose = false
            for index in named {
                seen.insert(index)
                let reason = reason(index)
                mayLose = mayLose || reason != nil || readings[index].snapshot?.customerURL != nil
                if let reason { problems.append(OverrideProblem(number: number, reason: reason)) }
            }
            if mayLose { overrides.append(number) }
        }
        if snapshot.numbers == nil && !allowUnlisted { problems.append(OverrideProblem(number: nil, reason: .numbersNotShown)) }
        // Accounts of this WABA whose number is not known are in the document, so allow_unlisted is not for them.
        let others = group + (snapshot.wabaID.flatMap { unread[$0] } ?? [])
        for index in others where !seen.contains(index) {
            if let reason = reason(index) { problems.append(OverrideProblem(number: nil, reason: reason)) }
        }
        return problems.isEmpty ? .success(overrides) : .failure(.overrideRejected(problems))
    }

    /// Why the account's own webhook could not be given back; nil if it can, or if there is none.
    private func reason(_ index: Int) -> OverrideProblem.Reason? {
        let name = document.accounts[index].name
        switch readings[index] {
        case .notRead: return .notSelected(name)
        case .failed, .skipped: return .notRead(name)
        case .snapshot(let snapshot):
            guard snapshot.customerURL != nil else { return nil }
            switch accounts[index]?.rejection {
            case .stale: return .stale(name)
            case .failed: return .rejected(name)
            case nil: return document.accounts[index].leavesCustomerUnmanaged ? .unmanaged(name) : nil
            }
        }
    }
}

/// Why override_all would take a webhook that is not given back.
struct OverrideProblem {
    enum Reason {
        case unlisted
        case numbersNotShown
        case notSelected(String)
        case notRead(String)
        case stale(String)
        case rejected(String)
        case unmanaged(String)
    }

    /// As the service writes it, if it is known.
    let number: String?
    let reason: Reason
}
