import JSON
import Support
import WebhookModel

extension FleetCall {
    /// The report's JSON text.
    func report() throws(Failure) -> String {
        let unmanaged = unmanagedNumbers()
        // By threads of this call; what they leave, as it was cancelled or memory is short, is written here.
        try? run(chosen.count) { [self] item in
            let index = chosen[item]
            rows[index].entry = try? entry(of: index, unmanaged)
            return .done
        }
        var summary = Summary()
        var length = 2
        for index in chosen {
            let row = rows[index]
            if row.entry == nil { row.entry = try entry(of: index, unmanaged) }
            guard let entry = row.entry else { continue }
            summary.add(row, entry.findings)
            length += entry.text.utf8.count + 1
        }
        var report = try #"{"summary":\#(summary.json().text()),"accounts":["#
        // Once: a text that grows as it goes takes twice its memory.
        report.reserveCapacity(report.utf8.count + length)
        for (place, index) in chosen.enumerated() {
            if place > 0 { report += "," }
            report += rows[index].entry?.text ?? ""
            rows[index].entry = nil
        }
        report += "]}"
        return report
    }

    private func entry(of index: Int, _ unmanaged: [Int: [Finding]]) throws(Failure) -> Row.Entry {
        let row = rows[index]
        var findings = row.furtherFindings
        if let actual = row.shown {
            findings = try Inspection(of: row.account, actual, validator).findings + findings + (unmanaged[index] ?? [])
        } else if let failure = row.failure {
            findings = Inspection(of: failure).findings + findings
        }
        let showsActions = purpose == .plan || purpose == .apply
        return Row.Entry(findings: findings, text: try row.json(findings: findings, showsActions: showsActions).text())
    }

    /// The error of a cancelled call: with the report of what was done and what was not.
    func cancelled() throws(Failure) -> Failure {
        for row in chosen.map({ rows[$0] }) where !row.isReported || row.results.count < row.actions.count {
            row.end(.cancelled)
        }
        let report = try report()
        return Failure.cancelled.with { $0.report = report }
    }

    /// Numbers of a WABA that no account expects, on the WABA's first account; only where every account that is or may be of
    /// that WABA says its number.
    private func unmanagedNumbers() -> [Int: [Finding]] {
        var firsts: [(row: Int, waba: Int64, numbers: [String])] = []
        var complete: [Int64: Bool] = [:]
        var expected: Set<String> = []
        var doubts: Set<Int64> = []
        var doubtsAll = false
        for (index, row) in rows.enumerated() {
            let number = row.account.expectation.number
            if let number { expected.insert(digits(number)) }
            guard let actual = row.last ?? row.first, let waba = actual.wabaID else {
                guard number == nil else { continue }
                if let waba = row.wabaID ?? row.account.expectation.wabaID { doubts.insert(waba) } else { doubtsAll = true }
                continue
            }
            if complete[waba] == nil { firsts.append((index, waba, actual.numbers)) }
            complete[waba] = (complete[waba] ?? true) && number != nil
        }
        var findings: [Int: [Finding]] = [:]
        guard !doubtsAll else { return findings }
        for first in firsts where complete[first.waba] == true && !doubts.contains(first.waba) {
            for number in first.numbers where !expected.contains(digits(number)) {
                findings[first.row, default: []].append(
                    Finding(
                        .numberUnmanaged,
                        "the WABA lists a number that no account of the document expects: nobody looks after its events; add it, "
                            + "or remove it from the WABA", path: "/waba_webhook", actual: .text(number)))
            }
        }
        return findings
    }
}

/// The report's totals.
private struct Summary {
    private var accounts: Int64 = 0
    private var inSync: Int64 = 0
    private var changed: Int64 = 0
    private var failed: Int64 = 0
    private var unknown: Int64 = 0
    private var skipped: Int64 = 0
    private var losingEvents: Int64 = 0
    private var operations: Int64 = 0
    private var severities: [Finding.Severity: Int64] = [:]

    mutating func add(_ row: Row, _ findings: [Finding]) {
        accounts += 1
        switch row.category {
        case .inSync: inSync += 1
        case .changed: changed += 1
        case .failed: failed += 1
        case .unknown: unknown += 1
        case .skipped: skipped += 1
        case .pending: break
        }
        if row.shown?.losesEvents == true { losingEvents += 1 }
        operations += Int64(row.results.count)
        for finding in findings { severities[finding.code.severity, default: 0] += 1 }
    }

    func json() throws(Failure) -> JSON {
        try .object([
            ("accounts", .integer(accounts)), ("in_sync", .integer(inSync)), ("changed", .integer(changed)),
            ("failed", .integer(failed)), ("unknown", .integer(unknown)), ("skipped", .integer(skipped)),
            ("losing_events", .integer(losingEvents)), ("operations", .integer(operations)),
            (
                "findings",
                .object([
                    ("error", .integer(severities[.error] ?? 0)), ("warning", .integer(severities[.warning] ?? 0)),
                    ("info", .integer(severities[.info] ?? 0)),
                ])
            ),
        ])
    }
}
