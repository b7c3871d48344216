import Support
import WebhookModel

extension FleetCall {
    /// Read, refuse, probe; WABA webhooks; the numbers' own and their destinations; read again.
    package static func apply(_ fleet: String, _ options: String?, _ context: Context) throws(Failure) -> CallResult {
        let call = try begin(.apply, fleet, options, context)
        return try call.reported { () throws(Failure) in
            try call.readAll()
            call.refuseUnexpected()
            call.refuseStale()
            if call.options.probe { try call.probeAll() }
            let coordination = call.coordinate()
            let groups = try call.setWABAWebhooks(coordination)
            try call.finishNumbers(groups)
            try call.readAgain()
        }
    }

    /// Skips the accounts that are not as the plan saw them.
    private func refuseStale() {
        guard let plan = options.plan else { return }
        for row in chosen.map({ rows[$0] }) where row.isLive {
            guard plan[ExactString(row.account.name)] != .some(row.firstDigest) else { continue }
            let finding = Finding(
                .stalePlan,
                "since the plan was made, this number's configuration or what would be sent has changed, so nothing was written: "
                    + "make a new plan")
            row.furtherFindings.append(finding)
            row.ending = .skipped(Failure(.conflict, finding.message))
        }
    }

    /// Sends an action and notes how it ended; false: the account stops here.
    func execute(_ action: Action, for row: Row) -> Bool {
        do throws(Failure) {
            try write(action.request(), row.account.key)
            row.results.append(Row.Result(status: .ok, outcome: .applied))
            return true
        } catch {
            if wasDoneByAnother(action, row, error) {
                row.results.append(Row.Result(status: .ok, outcome: .applied))
                return true
            }
            row.results.append(Row.Result(status: error.status, outcome: error.outcome))
            row.end(error)
            count(row)
            return false
        }
    }

    /// Two applies at once: what this one is refused, as a name is taken or gone, may be what the other one has just done. It
    /// may show late: a 404 to a name that still shows looks like a path that is not there.
    private func wasDoneByAnother(_ action: Action, _ row: Row, _ failure: Failure) -> Bool {
        let isRefused = [.conflict, .notFound, .notEnabled].contains(failure.status) || failure.httpStatus == 404
        guard isRefused, failure.attempts > 0 else { return false }
        let deadline = Deadline(in: min(options.wait, 3_000))
        var backoff = Backoff(first: 100, longest: 500)
        while true {
            if let actual = try? read(row.account), action.isShown(by: actual) { return true }
            guard deadline.milliseconds > 0,
                (try? call.pause(min(100 + backoff.next().milliseconds, deadline.milliseconds))) != nil
            else {
                return false
            }
        }
    }
}
