import Support
import WebhookModel

/// Makes sure that override_all takes no webhook that the document does not give back.
struct OverrideCheck {
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
    func overridden(_ group: [Int], _ snapshot: AccountSnapshot) -> Result<[String], Failure> {
        var overrides: [String] = []
        var problems = Problems()
        var seen: Set<Int> = []
        for number in snapshot.numbers?.numbers ?? [] {
            guard let named = expecting[phoneDigits(number)] else {
                overrides.append(number)
                if !allowUnlisted {
                    problems.add(
                        "no account names it by expect.number; add an account with its customer_webhook, or set allow_unlisted",
                        number)
                }
                continue
            }
            var mayLose = false
            for index in named {
                seen.insert(index)
                let reason = reason(index)
                mayLose = mayLose || reason != nil || readings[index].snapshot?.customerURL != nil
                if let reason { problems.add(reason, number) }
            }
            if mayLose { overrides.append(number) }
        }
        if snapshot.numbers == nil && !allowUnlisted {
            problems.add("the service does not show the numbers of the WABA; set allow_unlisted if this is intended")
        }
        // Accounts of this WABA without a known number are in the document, so allow_unlisted is not for them.
        let others = group + (snapshot.wabaID.flatMap { unread[$0] } ?? [])
        for index in others where !seen.contains(index) {
            if let reason = reason(index) { problems.add(reason) }
        }
        return problems.count == 0 ? .success(overrides) : .failure(problems.failure)
    }

    /// Why the account's own webhook could not be given back; nil if it can, or if there is none.
    private func reason(_ index: Int) -> String? {
        let account = "its account \(quoted(document.accounts[index].name))"
        switch readings[index] {
        case .notRead: return "\(account) is not selected by only; select it too"
        case .failed, .skipped: return "\(account) could not be read"
        case .snapshot(let snapshot):
            guard snapshot.customerURL != nil else { return nil }
            switch accounts[index]?.rejection {
            case .stale: return "\(account) has changed since the plan; make a new plan"
            case .failed: return "\(account) has failed, so nothing is written for it"
            case nil:
                guard document.accounts[index].leavesCustomerUnmanaged else { return nil }
                return "\(account) has a webhook of its own and no customer_webhook that gives it back"
            }
        }
    }

    /// Webhooks that override_all would take and that are not given back. The message says the first three.
    private struct Problems {
        private(set) var count = 0
        private var shown: [String] = []

        /// `number` is as the service writes it, if it is known.
        mutating func add(_ reason: String, _ number: String? = nil) {
            count += 1
            if shown.count < 3 { shown.append((number.map { "number \(quoted($0)): " } ?? "") + reason) }
        }

        var failure: Failure {
            let more = count > shown.count ? "; and \(count - shown.count) more" : ""
            return Failure(
                .invalidRequest,
                "override_all would remove webhooks that the document does not set again: \(shown.joined(separator: "; "))\(more)",
                path: "/waba_webhook/override_all")
        }
    }
}
