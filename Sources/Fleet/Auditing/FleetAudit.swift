import Support
import WebhookModel

/// The findings of a fleet's accounts, from what was read.
struct FleetAudit: Sendable {
    private let document: FleetDocument
    private let plan: FleetPlan?
    /// Numbers that no account expects, by the first account of their WABA.
    private let unmanaged: [Int: [Finding]]

    init(
        _ document: FleetDocument, _ outcomes: [AccountOutcome], _ plan: FleetPlan?
    ) {
        self.document = document
        self.plan = plan
        unmanaged = Self.unmanagedNumbers(document, outcomes)
    }

    func findings(
        of index: Int, _ outcome: AccountOutcome, _ validator: RequestValidator
    ) throws(Failure) -> [Finding] {
        // A cancelled apply has not read an unfinished account at its end.
        if let snapshot = outcome.shown, outcome.isFinished {
            let audit = try AccountAudit(
                of: document.accounts[index], snapshot, isFreed: plan?.accounts[index]?.isOverrideAsked == true, validator)
            return audit.findings + outcome.extraFindings + (unmanaged[index] ?? [])
        }
        return (outcome.failure?.status == .unauthorized ? [FindingMessages.unauthorized] : []) + outcome.extraFindings
    }

    /// A WABA counts only if all of its accounts have `expect.number`: any other account may be the number in question.
    private static func unmanagedNumbers(_ document: FleetDocument, _ outcomes: [AccountOutcome]) -> [Int: [Finding]] {
        var firsts: [(account: Int, waba: Int64, numbers: WABANumbers)] = []
        var seen: Set<Int64> = []
        var incomplete: Set<Int64> = []
        var expected: Set<String> = []
        for (index, outcome) in outcomes.enumerated() {
            let expectation = document.accounts[index].expectation
            if let number = expectation.number { expected.insert(phoneDigits(number)) }
            let snapshot = outcome.after ?? outcome.before
            if let id = snapshot?.wabaID {
                if seen.insert(id).inserted, let numbers = snapshot?.numbers { firsts.append((index, id, numbers)) }
                if expectation.number == nil { incomplete.insert(id) }
            } else if expectation.number == nil {
                guard let id = outcome.wabaID ?? expectation.wabaID else { return [:] }
                incomplete.insert(id)
            }
        }
        var findings: [Int: [Finding]] = [:]
        for first in firsts where !incomplete.contains(first.waba) {
            for number in first.numbers.numbers where !expected.contains(phoneDigits(number)) {
                findings[first.account, default: []].append(FindingMessages.numberUnmanaged(number))
            }
        }
        return findings
    }
}
