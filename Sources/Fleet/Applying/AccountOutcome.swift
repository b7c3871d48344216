import Support
import WebhookModel

/// One account's results in a call; its row in the report.
package struct AccountOutcome: Sendable {
    package struct ActionResult: Sendable {
        package var status: Status
        package var outcome: Failure.Outcome
    }

    package indirect enum Termination: Sendable {
        case failed(Failure)
        case skipped(Failure)

        var failure: Failure {
            switch self {
            case .failed(let failure), .skipped(let failure): failure
            }
        }
    }

    /// As read first, and as read after the writes.
    package var before: AccountSnapshot?
    package var after: AccountSnapshot?
    /// The reading after the writes failed. Another account's action may have changed the WABA since the first one.
    package var lacksLastReading = false
    /// Known even if the first reading failed after it.
    package var wabaID: Int64?
    package var actions: [Action] = []
    /// Of the actions that were begun, in order.
    package var results: [ActionResult] = []
    package var isInSync = false
    /// Why nothing more is done for it; nil if nothing went wrong.
    package var termination: Termination?
    /// An action in another account's row changed it.
    package var changedViaWABA = false
    /// Those that are not found in a reading.
    package var extraFindings: [Finding] = []

    package init() {}

    /// Takes over a reading and a plan. A call that only looks `decides` nothing, so it rejects nothing.
    package init(_ reading: AccountReading, _ plan: FleetPlan.AccountPlan?, decides: Bool = true) {
        switch reading {
        case .notRead: break
        case .skipped(let failure): termination = .skipped(failure)
        case .failed(let failure, let id):
            wabaID = id
            end(failure)
        case .snapshot(let snapshot):
            before = snapshot
            wabaID = snapshot.wabaID
        }
        guard let plan else { return }
        if decides { actions = plan.actions }
        isInSync = plan.isInSync
        switch plan.rejection {
        case .failed(let failure): if decides { end(failure) }
        case .stale(let failure):
            termination = .skipped(failure)
            extraFindings.append(FindingMessages.stalePlan)
        case nil: break
        }
    }

    /// The first reason stays.
    mutating func end(_ failure: Failure) {
        if termination == nil { termination = failure.status == .cancelled ? .skipped(failure) : .failed(failure) }
    }

    /// False if the call was cancelled before.
    var isFinished: Bool {
        if case .skipped(let failure) = termination { failure.message != Failure.cancelled.message } else { true }
    }

    var isActive: Bool { termination == nil && before != nil }
    var failure: Failure? { termination?.failure }
    var status: Status { failure?.status ?? .ok }
    var hasWrites: Bool { !results.isEmpty || changedViaWABA }

    /// The last reading; nil if nothing was read since something was written.
    var shown: AccountSnapshot? { after ?? (hasWrites || lacksLastReading ? nil : before) }

    /// Of all writes together, also of one in another row.
    var outcome: Failure.Outcome {
        Failure.Outcome(of: results.map { $0.outcome } + (changedViaWABA ? [.applied] : []))
    }

    enum Category { case inSync, changed, failed, unknown, skipped }

    /// After apply, each account is in one of these.
    var category: Category {
        if results.contains(where: { $0.outcome == .unknown }) || failure?.outcome == .unknown { return .unknown }
        switch termination {
        case .failed: return .failed
        case .skipped: return !actions.isEmpty && isDone ? .changed : .skipped
        case nil: return changedViaWABA || !results.isEmpty || !isInSync ? .changed : .inSync
        }
    }

    private var isDone: Bool { results.count == actions.count && results.allSatisfy { $0.status == .ok } }
}

extension Failure.Outcome {
    /// Of several writes together.
    init(of outcomes: [Failure.Outcome]) {
        self = outcomes.contains(.unknown) ? .unknown : outcomes.contains(.applied) ? .applied : .notApplied
    }
}
