import JSON
import Support
import WebhookModel

/// One account through a call, and its row in the report. Touched by one thread at a time.
final class Row {
    struct Result {
        var status: Status
        var outcome: Failure.Outcome
    }

    /// In the report.
    struct Entry {
        let findings: [Finding]
        let text: String
    }

    enum Ending {
        case failed(Failure)
        case skipped(Failure)
    }

    let account: FleetAccount
    /// As read first, and as read at the end.
    var first: Actual?
    var last: Actual?
    /// Where the first reading failed: what it showed before that.
    var wabaID: Int64?
    var difference: Difference?
    /// Of the first reading, and of the last.
    var firstDigest: String?
    var lastDigest: String?
    var actions: [Action] = []
    /// Of the actions that were begun, in order.
    var results: [Result] = []
    /// Why nothing more is done for it; nil: nothing went wrong.
    var ending: Ending?
    /// It shares an action that stands in another row, and that was applied.
    var sharesChange = false
    /// Beside those of the readings.
    var furtherFindings: [Finding] = []
    /// Nothing was begun for it yet that counts against max_failures.
    var isBegun = false
    var isCounted = false
    var isReported = false

    /// While the report is written.
    var entry: Entry?

    init(_ account: FleetAccount) { self.account = account }

    var isLive: Bool { ending == nil && first != nil }

    func end(_ failure: Failure) {
        guard ending == nil else { return }
        ending = failure.status == .cancelled ? .skipped(failure) : .failed(failure)
    }

    var status: Status {
        switch ending {
        case .failed(let failure), .skipped(let failure): failure.status
        case nil: .ok
        }
    }

    var failure: Failure? {
        switch ending {
        case .failed(let failure), .skipped(let failure): failure
        case nil: nil
        }
    }

    /// Of all that was written for it, in another row too.
    var outcome: Failure.Outcome {
        Failure.Outcome(of: results.map { $0.outcome } + (sharesChange ? [.applied] : []))
    }

    enum Category { case inSync, changed, failed, unknown, skipped, pending }

    /// After apply; before it, what needs a change is pending.
    var category: Category {
        if results.contains(where: { $0.outcome == .unknown }) || failure?.outcome == .unknown { return .unknown }
        let isDone = !actions.isEmpty && results.count == actions.count && results.allSatisfy { $0.status == .ok }
        switch ending {
        case .failed: return .failed
        case .skipped: return isDone ? .changed : .skipped
        case nil: break
        }
        if sharesChange || results.contains(where: { $0.status == .ok }) { return .changed }
        return difference?.isInSync == true ? .inSync : .pending
    }
}

extension Failure.Outcome {
    /// Of several writes together.
    init(of outcomes: [Failure.Outcome]) {
        self = outcomes.contains(.unknown) ? .unknown : outcomes.contains(.applied) ? .applied : .notApplied
    }
}

extension Row {
    /// `showsActions`: a plan or an apply. `findings`: those of the readings, the WABA's among them.
    func json(findings: [Finding], showsActions: Bool) throws(Failure) -> JSON {
        var number = account.expectation.number
        if number == nil, let numbers = (shown ?? first)?.numbers, numbers.count == 1 { number = numbers.first }
        var rows: [JSON] = []
        for finding in findings { rows.append(try finding.json()) }
        let waba = (shown ?? first)?.wabaID ?? wabaID
        return try .object([
            ("name", .string(account.name)), ("number", .optional(number, JSON.string)),
            ("waba_id", .optional(waba, JSON.integer)), ("status", .string("\(status.name)")),
            ("in_sync", .boolean(difference?.isInSync == true && isExpected)),
            ("losing_events", .optional(shown?.losesEvents, JSON.boolean)), ("digest", .optional(digest, JSON.string)),
            ("actions", .array(showsActions ? actionRows() : [])), ("findings", .array(rows)),
            ("error", .optional(failure) { failure throws(Failure) in try failure.json() }),
        ])
    }

    private var isExpected: Bool {
        first.map { Inspection.expectation(account.expectation, $0).isEmpty } ?? false
    }

    /// What was read last; nil where nothing was read since something was written.
    var shown: Actual? { last ?? (isTouched ? nil : first) }

    private var digest: String? { last == nil ? isTouched ? nil : firstDigest : lastDigest }

    private var isTouched: Bool { !results.isEmpty || sharesChange }

    private func actionRows() throws(Failure) -> [JSON] {
        var rows: [JSON] = []
        for (index, action) in actions.enumerated() {
            var members: [(String, JSON)] = [("operation", try .string("\(action.name)"))]
            if let destinations = action.destinations { members.append(("destinations", try .texts(destinations))) }
            if case .setWABA(_, let overrides?) = action.kind { members.append(("overrides", try .texts(overrides))) }
            if index < results.count {
                members.append(("status", try .string("\(results[index].status.name)")))
                members.append(("outcome", try .string(results[index].outcome.rawValue)))
            } else {
                members.append(("status", try .string("planned")))
            }
            var changes: [JSON] = []
            for change in action.changes { changes.append(try change.json()) }
            members.append(("changes", try .array(changes)))
            rows.append(try .object(members))
        }
        return rows
    }
}

extension Actual {
    var losesEvents: Bool { customerURL == nil && waba == nil }
}
