import Support
import WebhookModel

/// The four calls on a fleet: each takes JSON texts and answers with one.
package enum Fleet {
    /// Takes an event's JSON text on the caller's thread; true cancels the call.
    package typealias Progress = (String) -> Bool

    /// What each call needs besides its texts.
    package struct Context {
        let service: any WebhookService
        let call: Call
        let progress: Progress?

        package init(_ service: any WebhookService, _ call: Call, progress: Progress?) {
            self.service = service
            self.call = call
            self.progress = progress
        }

        fileprivate var validator: RequestValidator {
            RequestValidator(scope: service.scope, policy: call.settings.urlPolicy)
        }
    }

    enum Purpose { case plan, apply, audit, export }

    /// Reports what apply would do.
    package static func plan(_ fleet: String, _ options: String?, _ context: Context) throws(Failure) -> CallResult {
        let options = try FleetOptions(options, context.call)
        let document = try FleetDocument(fleet, context.validator, context.call)
        var run = FleetRun(try FleetSession(context, document, options), .plan)
        return try run.finish { run throws(Failure) in
            try run.read()
            try run.makePlan()
            run.addPlannedFindings()
        }
    }

    /// Makes every selected number match the document.
    package static func apply(_ fleet: String, _ options: String?, _ context: Context) throws(Failure) -> CallResult {
        let options = try FleetOptions(options, context.call)
        let document = try FleetDocument(fleet, context.validator, context.call)
        var run = FleetRun(try FleetSession(context, document, options), .apply)
        return try run.finish { run throws(Failure) in
            try run.read()
            try run.makePlan()
            try run.rejectStaleAndUnreachable()
            try run.enforceMaxChanges()
            try run.execute()
        }
    }

    /// Reports what loses events.
    package static func audit(_ fleet: String, _ options: String?, _ context: Context) throws(Failure) -> CallResult {
        let options = try FleetOptions(options, context.call).withoutPlanning
        let document = try FleetDocument(fleet, context.validator, context.call)
        var run = FleetRun(try FleetSession(context, document, options), .audit)
        return try run.finish { run throws(Failure) in
            try run.read()
            try run.makePlan()
            if options.probe { for (index, findings) in try FleetProber.probeAll(run.session) { run.add(findings, to: index) } }
        }
    }

    /// Writes a document that describes the current configuration, beside a report.
    package static func export(_ keys: String, _ options: String?, _ context: Context) throws(Failure) -> CallResult {
        let options = try FleetOptions(options, context.call).withoutPlanning
        let document = try FleetDocument(keys: keys, context.validator, context.call)
        var run = FleetRun(try FleetSession(context, document, options), .export)
        var exported = ""
        let report = try run.finish { run throws(Failure) in
            try run.read()
            try run.makePlan()
            let export = try FleetExport(run.session, run.reader.readings)
            for (index, findings) in export.findings { run.add(findings, to: index) }
            exported = try export.text()
        }
        return CallResult(#"{"document":\#(exported),"report":\#(report.text)}"#)
    }
}

extension FleetOptions {
    /// Options that only plan and apply take have no effect on the others.
    fileprivate var withoutPlanning: FleetOptions {
        var options = self
        options.force = []
        options.allowUnlisted = false
        return options
    }
}

/// One call on its way: what its phases have found out so far.
private struct FleetRun {
    let session: FleetSession
    let reader: FleetReader
    private let purpose: Fleet.Purpose
    private var plan: FleetPlan?
    /// By the accounts' places in the document.
    private var outcomes: [AccountOutcome]

    init(_ session: FleetSession, _ purpose: Fleet.Purpose) {
        self.session = session
        self.purpose = purpose
        reader = FleetReader(session, purpose)
        outcomes = Array(repeating: AccountOutcome(), count: session.document.accounts.count)
    }

    /// Runs the phases and writes the report. If the call is cancelled, the failure carries the report of what was done.
    mutating func finish(_ phases: (inout FleetRun) throws(Failure) -> Void) throws(Failure) -> CallResult {
        do throws(Failure) {
            try phases(&self)
            reportFinal { _ in true }
            session.deliverProgress()
            try session.check()
            let report = try FleetReport(session, purpose, outcomes, plan).text()
            try session.check()
            return CallResult(report, outcome)
        } catch {
            let report = error.status == .cancelled ? try reportOfCancelled() : error.report
            throw error.with { failure in
                failure.outcome = outcome
                failure.report = report
            }
        }
    }

    /// Of all writes together.
    private var outcome: Failure.Outcome { Failure.Outcome(of: outcomes.map { $0.outcome }) }

    private func reportFinal(_ isFinal: (AccountOutcome) -> Bool) {
        for index in session.selected where isFinal(outcomes[index]) {
            let shows = purpose == .plan || purpose == .apply
            session.report(index, outcomes[index].status, actions: shows ? outcomes[index].actions.count : 0)
        }
    }

    mutating func read() throws(Failure) {
        do throws(Failure) { try reader.readAll() } catch {
            take(reader.readings, nil)
            throw error
        }
    }

    mutating func makePlan(rejected: [Int: FleetPlan.Rejection] = [:], isCancellable: Bool = true) throws(Failure) {
        let readings = reader.readings
        let call = isCancellable ? session.call : nil
        let plan = try FleetPlan(session.document, readings, session.options, rejected: rejected, call)
        take(readings, plan)
    }

    private mutating func take(_ readings: [AccountReading], _ plan: FleetPlan?) {
        self.plan = plan
        let decides = purpose == .plan || purpose == .apply
        for index in session.selected {
            outcomes[index] = AccountOutcome(readings[index], plan?.accounts[index], decides: decides)
        }
    }

    mutating func add(_ findings: [Finding], to index: Int) { outcomes[index].extraFindings += findings }

    mutating func addPlannedFindings() {
        for index in session.selected where outcomes[index].actions.contains(where: { $0.clearsHeaders }) {
            add([FindingMessages.headersCleared], to: index)
        }
    }

    /// Rejects the accounts that are not as the given plan saw them, and those whose webhooks do not answer a probe. Then it
    /// plans again: what the others of a WABA may do depends on them.
    mutating func rejectStaleAndUnreachable() throws(Failure) {
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

    mutating func enforceMaxChanges() throws(Failure) {
        guard let limit = session.options.maxChanges, let plan, plan.changedCount > limit else { return }
        addPlannedFindings()
        let report = try FleetReport(session, .plan, outcomes, plan).text()
        let message = FindingMessages.tooManyChanges(plan.changedCount, limit)
        throw Failure(.conflict, message).with { $0.report = report }
    }

    mutating func execute() throws(Failure) {
        guard let plan else { return }
        for index in session.selected where outcomes[index].category == .failed && outcomes[index].before != nil {
            session.recordFailure()
        }
        reportFinal { !$0.isActive }
        let executor = FleetExecutor(session, reader, plan, outcomes)
        defer { outcomes = executor.outcomes }
        try executor.run()
        outcomes = executor.outcomes
        try planAgain()
    }

    /// The digests in the report are those of what was read last.
    private mutating func planAgain() throws(Failure) {
        guard outcomes.contains(where: { $0.hasWrites }) else { return }
        let readings = outcomes.map { $0.shown.map { AccountReading.snapshot($0) } ?? .notRead }
        plan = try FleetPlan(session.document, readings, session.options)
    }

    /// What was done and what was not. Nothing is concluded about accounts whose result is not final.
    private mutating func reportOfCancelled() throws(Failure) -> String {
        let reported = session.reported
        if plan == nil && (purpose == .audit || purpose == .export) { try makePlan(isCancellable: false) }
        for index in session.selected where !reported[index] || outcomes[index].results.count < outcomes[index].actions.count {
            if purpose == .apply {
                outcomes[index].end(.cancelled)
            } else if !reported[index] {
                let wabaID = outcomes[index].wabaID
                outcomes[index] = AccountOutcome()
                outcomes[index].wabaID = wabaID
                outcomes[index].end(.cancelled)
            }
        }
        if purpose == .apply { try planAgain() }
        return try FleetReport(session, purpose, outcomes, plan).text()
    }
}
