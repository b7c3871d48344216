import Support
import WebhookModel

/// The changes that a fleet call would make: for each account by itself, and for each WABA by its accounts together. It is computed
/// from the document and what was read; nothing is read or written here.
package struct FleetPlan: Sendable {
    /// Why an account that was read is not written to.
    package indirect enum Rejection: Sendable {
        case failed(Failure)
        /// Since the plan it was given, something changed.
        case stale(Failure)

        var failure: Failure {
            switch self {
            case .failed(let failure), .stale(let failure): failure
            }
        }
    }

    package struct AccountPlan: Sendable {
        package let diff: AccountDiff
        /// In the order of work.
        package fileprivate(set) var actions: [Action]
        package fileprivate(set) var rejection: Rejection?
        /// The members of `expect` that do not hold; nothing is written then.
        package let violations: [Finding]
        /// It asks for the WABA's change, so it fails if that fails.
        package fileprivate(set) var asksForWABAChange = false
        /// An account of its WABA asks for override_all.
        package fileprivate(set) var isOverrideAsked = false
        /// The place of its WABA's change.
        package fileprivate(set) var wabaChange: Int?

        /// All that the document manages is as it says, `expect` included.
        package var isInSync: Bool { diff.isInSync && violations.isEmpty }
    }

    /// By the accounts' places in the document; nil if an account was not read.
    package private(set) var accounts: [AccountPlan?]
    package private(set) var wabaChanges: [WABAChangePlan] = []
    private let document: FleetDocument
    private let snapshots: [AccountSnapshot?]
    private let options: FleetOptions

    /// `rejected` are accounts that were rejected for a reason that is not in their reading.
    package init(
        _ document: FleetDocument, _ readings: [AccountReading], _ options: FleetOptions, rejected: [Int: Rejection] = [:],
        _ call: Call? = nil
    ) throws(Failure) {
        self.document = document
        self.options = options
        snapshots = readings.map { $0.snapshot }
        accounts = []
        accounts.reserveCapacity(snapshots.count)
        for (index, snapshot) in snapshots.enumerated() {
            if call?.isCancelled == true { throw .cancelled }
            guard let snapshot else {
                accounts.append(nil)
                continue
            }
            let account = document.accounts[index]
            let violations = FindingMessages.violations(of: account.expectation, in: snapshot)
            let violation = violations.first.map { Failure(.conflict, $0.message, path: $0.path) }
            let diff = try AccountDiff(of: account, from: snapshot, force: options.force)
            accounts.append(
                AccountPlan(
                    diff: diff, actions: violations.isEmpty ? diff.actions : [],
                    rejection: violation.map { .failed($0) } ?? rejected[index], violations: violations))
        }
        let planner = WABAPlanner(document, readings, options)
        for group in planner.groups where group.contains(where: { document.accounts[$0].waba != nil }) {
            if call?.isCancelled == true { throw .cancelled }
            let asksForOverride = group.contains { document.accounts[$0].waba?.overrideAll == true }
            for index in group { accounts[index]?.isOverrideAsked = asksForOverride }
            switch try planner.plan(group, accounts) {
            case .nothing: break
            case .rejected(let members, let failure):
                for index in members where accounts[index]?.rejection == nil { accounts[index]?.rejection = .failed(failure) }
            case .change(let change):
                for index in group { accounts[index]?.wabaChange = wabaChanges.count }
                try add(change)
            }
        }
    }

    private mutating func add(_ change: WABAChangePlan) throws(Failure) {
        for index in [change.leader] + change.followers { accounts[index]?.asksForWABAChange = true }
        for index in change.overridden {
            guard case .webhook(let url, let headers) = document.accounts[index].customer, let snapshot = snapshots[index],
                accounts[index]?.rejection == nil, accounts[index]?.actions.contains(where: { $0.isAboutCustomer }) == false
            else { continue }
            accounts[index]?.actions.insert(try .setCustomer(url, headers, from: snapshot), at: 0)
        }
        accounts[change.leader]?.actions.insert(change.action, at: 0)
        var digest = PlanDigest()
        digest.add(change, names: document.accounts)
        var change = change
        change.digest = try digest.signed(under: "WABA")
        wabaChanges.append(change)
    }

    func waba(of index: Int) -> WABAChangePlan? { accounts[index]?.wabaChange.map { wabaChanges[$0] } }

    /// True if the plan takes the number's own webhook and does not give it back.
    func frees(_ index: Int) -> Bool {
        document.accounts[index].follows && snapshots[index]?.customerURL != nil && waba(of: index)?.removesOwn == true
    }

    /// The accounts that would change.
    package var changedCount: Int {
        accounts.indices.count { index in
            guard let account = accounts[index], account.rejection == nil else { return false }
            return !account.actions.isEmpty || account.asksForWABAChange || frees(index)
        }
    }

    /// The digest of what was read of an account and of everything that would be sent; nil if it was not read.
    package func digest(of index: Int) throws(Failure) -> String? {
        guard let snapshot = snapshots[index], let account = accounts[index] else { return nil }
        var digest = PlanDigest()
        digest.add(snapshot, managesDestinations: document.accounts[index].multi != nil)
        for action in account.actions where !action.isAboutWABA { digest.add(action) }
        digest.add(options.allowUnlisted, options.force)
        digest.add(waba(of: index)?.digest ?? "")
        return try digest.signed(under: document.accounts[index].key.text)
    }
}
