import JSON
import Support
import WebhookModel

/// The report of a fleet call, from its accounts' outcomes.
struct FleetReport: Sendable {
    private let session: FleetSession
    private let purpose: Fleet.Purpose
    private let outcomes: [AccountOutcome]
    /// Says what is in the rows of digests and routes: the plan of what was read last.
    private let plan: FleetPlan?
    private let hasDigests: Bool
    private let audit: FleetAudit
    /// The error of every account that a cancelled call did not finish.
    private let cancelledError: String

    init(
        _ session: FleetSession, _ purpose: Fleet.Purpose, _ outcomes: [AccountOutcome], _ plan: FleetPlan?,
        hasDigests: Bool = true
    ) throws(Failure) {
        self.session = session
        self.purpose = purpose
        self.outcomes = outcomes
        self.plan = plan
        self.hasDigests = hasDigests
        audit = FleetAudit(session.document, outcomes, plan)
        cancelledError = try Failure.cancelled.json().text()
    }

    /// One thread writes the rows of so many accounts at a time.
    private static let chunk = 64

    private struct Rows: Sendable {
        var text = ""
        var summary = Summary()
    }

    /// The JSON text. No cancel ends this: it is short, and rows that are true are of use. What the threads leave, because they
    /// are short of memory, is written here.
    func text() throws(Failure) -> String {
        let chunks = (session.selected.count + Self.chunk - 1) / Self.chunk
        let written = Locked<[Rows?]>(Array(repeating: nil, count: chunks))
        var summary = Summary()
        var body = ""
        var next = 0
        func append(_ rows: Rows) {
            // Reserved at once: a text that grows step by step takes twice its memory.
            if next == 0 { body.reserveCapacity(rows.text.utf8.count * chunks * 9 / 8) } else { body += "," }
            body += rows.text
            summary.add(rows.summary)
            next += 1
        }
        /// Takes rows over as soon as all before them are there, so that few are held twice.
        func appendWritten() {
            while next < chunks, let rows = written.withLock({ $0[next] }) {
                written.withLock { $0[next] = nil }
                append(rows)
            }
        }
        if chunks > 1 {
            session.compute(chunks, meanwhile: { appendWritten() }) { item in
                if let rows = try? rows(item) { written.withLock { $0[item] = rows } }
            }
        }
        while next < chunks {
            append(try rows(next))
            appendWritten()
        }
        var head = JSONWriter()
        head.object { writer in writer.object("summary") { summary.write(to: &$0) } }
        var report = String(head.text.dropLast()) + #","accounts":["#
        report.reserveCapacity(report.utf8.count + body.utf8.count + 2)
        report += body
        report += "]}"
        return report
    }

    private func rows(_ item: Int) throws(Failure) -> Rows {
        var rows = Rows()
        var writer = JSONWriter()
        let selected = session.selected
        let validator = RequestValidator(scope: session.service.scope, policy: session.call.settings.urlPolicy)
        for index in selected[(item * Self.chunk)..<min(selected.count, (item + 1) * Self.chunk)] {
            let outcome = outcomes[index]
            let findings = try audit.findings(of: index, outcome, validator)
            try write(index, outcome, findings, to: &writer)
            rows.summary.add(outcome, findings, isApply: purpose == .apply)
        }
        rows.text = writer.text
        return rows
    }

    private func write(
        _ index: Int, _ outcome: AccountOutcome, _ findings: [Finding], to writer: inout JSONWriter
    ) throws(Failure) {
        let account = session.account(index)
        let snapshot = outcome.shown ?? outcome.before
        var number = account.expectation.number
        if number == nil, let numbers = snapshot?.numbers?.numbers, numbers.count == 1 { number = numbers.first }
        // A row that shows no reading has no digest, and what was concluded from it is not shown either.
        let digest = outcome.shown == nil || !hasDigests ? nil : try plan?.digest(of: index)
        try writer.object { writer throws(Failure) in
            writer.member("name", account.name)
            writer.member("number", number)
            writer.member("waba_id", snapshot?.wabaID ?? outcome.wabaID)
            writer.member("status", outcome.status.name)
            writer.member("in_sync", outcome.isInSync)
            writer.member("losing_events", outcome.shown?.losesEvents)
            writer.member("digest", digest)
            writer.array("actions") { writer in
                for (place, action) in outcome.actions.enumerated() {
                    write(action, place < outcome.results.count ? outcome.results[place] : nil, to: &writer)
                }
            }
            writer.array("findings") { writer in
                for finding in findings { finding.write(to: &writer) }
            }
            if session.options.routes && purpose != .export { writeRoutes(index, account, outcome, to: &writer) }
            if let failure = outcome.failure {
                writer.member("error", json: outcome.isFinished ? try failure.json().text() : cancelledError)
            } else {
                writer.null("error")
            }
        }
    }

    private func write(
        _ action: Action, _ result: AccountOutcome.ActionResult?, to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("operation", action.operation.kind.name)
            if let destinations = action.destinations { writer.member("destinations", destinations) }
            if let overrides = action.overrides { writer.member("overrides", overrides) }
            writer.member("status", result?.status.name ?? "planned")
            if let result { writer.member("outcome", result.outcome.rawValue) }
            writer.array("changes") { writer in
                for change in action.changes { change.write(to: &writer) }
            }
        }
    }

    private func writeRoutes(
        _ index: Int, _ account: FleetAccount, _ outcome: AccountOutcome, to writer: inout JSONWriter
    ) {
        guard let snapshot = outcome.shown else { return writer.null("routes") }
        let wanted = Route(wantedBy: account, snapshot, plan?.waba(of: index), frees: plan?.frees(index) == true)
        writer.object("routes") { writer in
            writer.object("now") { Route(of: snapshot).write(to: &$0) }
            writer.object("wanted") { wanted.write(to: &$0) }
        }
    }
}

/// The report's totals.
private struct Summary: Sendable {
    private var accounts: Int64 = 0
    private var inSync: Int64 = 0
    private var changed: Int64 = 0
    private var failed: Int64 = 0
    private var unknown: Int64 = 0
    private var skipped: Int64 = 0
    private var losingEvents: Int64 = 0
    private var operations: Int64 = 0
    private var errors: Int64 = 0
    private var warnings: Int64 = 0
    private var infos: Int64 = 0

    mutating func add(_ outcome: AccountOutcome, _ findings: [Finding], isApply: Bool) {
        accounts += 1
        if isApply {
            switch outcome.category {
            case .inSync: inSync += 1
            case .changed: changed += 1
            case .failed: failed += 1
            case .unknown: unknown += 1
            case .skipped: skipped += 1
            }
        } else {
            if outcome.isInSync { inSync += 1 }
            switch outcome.termination {
            case .failed: failed += 1
            case .skipped: skipped += 1
            case nil: break
            }
        }
        if outcome.shown?.losesEvents == true { losingEvents += 1 }
        operations += Int64(outcome.results.count)
        for finding in findings {
            switch finding.code.severity {
            case .error: errors += 1
            case .warning: warnings += 1
            case .info: infos += 1
            }
        }
    }

    mutating func add(_ other: Summary) {
        accounts += other.accounts
        inSync += other.inSync
        changed += other.changed
        failed += other.failed
        unknown += other.unknown
        skipped += other.skipped
        losingEvents += other.losingEvents
        operations += other.operations
        errors += other.errors
        warnings += other.warnings
        infos += other.infos
    }

    func write(to writer: inout JSONWriter) {
        writer.member("accounts", accounts)
        writer.member("in_sync", inSync)
        writer.member("changed", changed)
        writer.member("failed", failed)
        writer.member("unknown", unknown)
        writer.member("skipped", skipped)
        writer.member("losing_events", losingEvents)
        writer.member("operations", operations)
        writer.object("findings") { writer in
            writer.member("error", errors)
            writer.member("warning", warnings)
            writer.member("info", infos)
        }
    }
}
