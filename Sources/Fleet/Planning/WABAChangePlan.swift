import Support
import WebhookModel

/// A change of a WABA's webhook: it is made once for all accounts that ask for it.
package struct WABAChangePlan: Sendable {
    /// The action is in this account's row.
    package let leader: Int
    /// The others that ask for it.
    package let followers: [Int]
    /// With override_all: the accounts that have a webhook of their own now. They lose it, and it is set again if the document
    /// gives one.
    package let overridden: [Int]
    package let action: Action
    /// No reading shows when override_all takes effect, and that would remove webhooks which this call sets: it is given all the
    /// time there is.
    package let isUnseen: Bool
    /// Represents the change in its accounts' digests.
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
    /// Accounts by the digits of the number that they expect; empty if no account asks for override_all.
    private var expecting: [String: [Int]] = [:]
    /// Accounts that were not read and name no number, by the WABA that they expect.
    private var unread: [Int64: [Int]] = [:]
    /// Accounts that were read, by WABA in the order of the document. If its WABA is not shown, an account is alone.
    private(set) var groups: [[Int]] = []

    init(_ document: FleetDocument, _ readings: [AccountReading], _ options: FleetOptions) {
        self.document = document
        self.readings = readings
        self.options = options
        let mayOverride = document.accounts.contains { $0.waba?.overrideAll == true }
        var places: [Int64: Int] = [:]
        for (index, reading) in readings.enumerated() {
            let expectation = document.accounts[index].expectation
            if mayOverride, let number = expectation.number { expecting[phoneDigits(number), default: []].append(index) }
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
                let message = "accounts of this WABA ask for different WABA webhooks: one WABA has one"
                return .rejected(live, Failure(.invalidRequest, message, path: "/waba_webhook"))
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
            switch check.overridden(group, snapshot) {
            case .failure(let failure): return .rejected(live, failure)
            case .success(let numbers): overrides = numbers
            }
        }
        let setsOwn = group.contains { index in
            accounts[index]?.rejection == nil && accounts[index]?.actions.contains { $0.isAboutCustomer } == true
        }
        return .change(
            WABAChangePlan(
                leader: leader, followers: Array(live.dropFirst()), overridden: overridesAll ? owners : [],
                action: try .setWABA(section, from: snapshot, overrides: overrides),
                isUnseen: overridesAll && !differs && owners.isEmpty && setsOwn))
    }
}
