import Support
import WebhookModel

/// One call on its way, with all that its phases have found so far.
struct FleetRun {
    let session: FleetSession
    let reader: FleetReader
    private let purpose: Fleet.Purpose
    private var plan: FleetPlan?
    /// False if the plan is older than what was read last.
    private var hasDigests = true
    /// By the accounts' places in the document.
    private var outcomes: [AccountOutcome]

    init(_ session: FleetSession, _ purpose: Fleet.Purpose) {
        self.session = session
        self.purpose = purpose
        reader = FleetReader(session, purpose)
        outcomes = Array(repeating: AccountOutcome(), count: session.document.accounts.count)
    }

    /// Runs the phases and writes the report. If the call is cancelled, the failure carries the report of what was done.
    mutating func finish() throws(Failure) -> CallResult {
        do throws(Failure) {
            var exported: String?
            var isCancelled = false
            do throws(Failure) {
                exported = try performPhases()
                reportFinal { _ in true }
                session.deliverProgress()
                try session.check()
            } catch {
                guard error.status == .cancelled else { throw error }
                isCancelled = true
                try endUnfinished()
            }
            let report = try FleetReport(session, purpose, outcomes, plan, hasDigests: hasDigests).text()
            if isCancelled || session.call.isCancelled { throw Failure.cancelled.with { $0.report = report } }
            return CallResult(exported.map { #"{"document":\#($0),"report":\#(report)}"# } ?? report, outcome)
        } catch {
            throw error.with { $0.outcome = outcome }
        }
    }

    /// An export's document.
    private mutating func performPhases() throws(Failure) -> String? {
        try reader.readAll()
        try makePlan()
        switch purpose {
        case .plan: addPlannedFindings()
        case .apply:
            try rejectStaleAndUnreachable()
            try enforceMaxChanges()
            try execute()
        case .audit:
            if session.options.probe { for (index, findings) in try FleetProber.probeAll(session) { add(findings, to: index) } }
        case .export:
            let export = try FleetExport(session, reader.readings)
            for (index, findings) in export.findings { add(findings, to: index) }
            return try export.text()
        }
        return nil
    }

    /// Of all writes together.
    private var outcome: Failure.Outcome { Failure.Outcome(of: outcomes.map { $0.outcome }) }

    private func reportFinal(_ isFinal: (AccountOutcome) -> Bool) {
        for index in session.selected where isFinal(outcomes[index]) {
            session.report(index, outcomes[index].status, actions: outcomes[index].actions.count)
        }
    }

    private mutating func makePlan(rejected: [Int: FleetPlan.Rejection] = [:]) throws(Failure) {
        let readings = reader.readings
        let plan = try FleetPlan(session.document, readings, session.options, rejected: rejected, session.call)
        self.plan = plan
        record(readings)
    }

    private mutating func record(_ readings: [AccountReading]) {
        for index in session.selected {
            outcomes[index] = AccountOutcome(readings[index], plan?.accounts[index], decides: purpose.decides)
        }
    }

    private mutating func add(_ findings: [Finding], to index: Int) { outcomes[index].extraFindings += findings }

    private mutating func addPlannedFindings() {
        for index in session.selected where outcomes[index].actions.contains(where: { $0.clearsHeaders }) {
            add([FindingMessages.headersCleared], to: index)
        }
    }

    /// Rejects an account that is not as the given plan saw it, or that has a webhook that does not answer a probe. Then it plans
    /// again: what the others of a WABA may do depends on it.
    private mutating func rejectStaleAndUnreachable() throws(Failure) {
        var rejected: [Int: FleetPlan.Rejection] = [:]
        if let given = session.options.plan, let plan {
            for index in session.selected where plan.accounts[index]?.violations.isEmpty == true {
                try session.check()
                let name = ExactString(session.account(index).name)
                if given[name] != .some(try plan.digest(of: index)) {
                    rejected[index] = .stale(Failure(.conflict, FindingMessages.stalePlan.message))
                }
            }
        }
        let probed = session.options.probe ? try FleetProber.probeAll(session) : [:]
        for (index, findings) in probed where rejected[index] == nil {
            if let first = findings.first { rejected[index] = .failed(Failure(.conflict, first.message, path: first.path)) }
        }
        if !rejected.isEmpty { try makePlan(rejected: rejected) }
        for (index, findings) in probed { add(findings, to: index) }
    }

    private mutating func enforceMaxChanges() throws(Failure) {
        guard let limit = session.options.maxChanges, let plan, plan.changedCount > limit else { return }
        addPlannedFindings()
        let report = try FleetReport(session, .plan, outcomes, plan).text()
        let message = FindingMessages.tooManyChanges(plan.changedCount, limit)
        throw Failure(.conflict, message).with { $0.report = report }
    }

    private mutating func execute() throws(Failure) {
        guard let plan else { return }
        for index in session.selected where outcomes[index].category == .failed && outcomes[index].before != nil {
            session.recordFailure()
        }
        reportFinal { !$0.isActive }
        let executor = FleetExecutor(session, reader, plan, outcomes)
        defer { outcomes = executor.outcomes }
        try executor.perform()
        outcomes = executor.outcomes
        try planAgain()
    }

    /// The digests in the report are those of what was read last.
    private mutating func planAgain() throws(Failure) {
        guard outcomes.contains(where: { $0.hasWrites }) else { return }
        let readings = outcomes.map { $0.shown.map { AccountReading.snapshot($0) } ?? .notRead }
        plan = try FleetPlan(session.document, readings, session.options)
    }

    /// Ends the accounts that the cancelled call did not finish: nothing is concluded about them.
    private mutating func endUnfinished() throws(Failure) {
        if plan == nil { record(reader.readings) }
        let reported = session.reported
        for index in session.selected {
            let outcome = outcomes[index]
            if purpose == .apply {
                if !reported[index] || outcome.results.count < outcome.actions.count { outcomes[index].end(.cancelled) }
            } else if !reported[index] {
                outcomes[index] = AccountOutcome(.failed(.cancelled, wabaID: outcome.wabaID), nil)
            } else if plan == nil, let snapshot = outcome.before {
                let account = session.account(index)
                outcomes[index].isInSync =
                    try AccountDiff(of: account, from: snapshot).isInSync
                    && FindingMessages.violations(of: account.expectation, in: snapshot).isEmpty
            }
        }
        // Plans of all accounts are no work for a call that is to end.
        hasDigests = purpose != .apply || !outcomes.contains { $0.hasWrites }
    }
}
