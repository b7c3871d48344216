import Support
import WebhookModel

extension FleetCall {
    /// Reads every account that is meant.
    func readAll() throws(Failure) {
        try run(chosen.count) { [self] item in
            let row = rows[chosen[item]]
            guard mayBegin(row) else { return .done }
            do throws(Failure) {
                let actual = try read(row.account) { row.wabaID = $0 }
                let difference = Difference(of: row.account, from: actual, force: force)
                row.firstDigest = try Digest.of(row.account, actual, difference)
                row.difference = difference
                row.first = actual
            } catch {
                row.end(error)
                count(row)
            }
            if isOverAfterReading(row) { report(row) }
            return .done
        }
    }

    var force: Set<Section> { purpose == .plan || purpose == .apply ? options.force : [] }

    /// Progress is told early where nothing is left to do, as far as one account by itself can say.
    private func isOverAfterReading(_ row: Row) -> Bool {
        guard purpose == .apply, let difference = row.difference else { return row.status != .cancelled }
        return difference.actions.isEmpty && !difference.isShadowed && !call.isCancelled
    }

    /// What the service shows of an account; of its destinations only where the document manages them.
    func read(_ account: FleetAccount, wabaID: (Int64?) -> Void = { _ in }) throws(Failure) -> Actual {
        var actual = Actual()
        actual.take(try read(.wabaWebhook, account.key))
        wabaID(actual.wabaID)
        actual.take(try read(.customerWebhook, account.key))
        if account.multi != nil || purpose == .export {
            actual.take(try read(.multiWebhook, account.key))
        }
        actual.share(account)
        return actual
    }

    /// Ends the accounts that are not what the document expects: nothing is written to them.
    func refuseUnexpected() {
        for row in chosen.map({ rows[$0] }) {
            guard let actual = row.first, row.isLive else { continue }
            let wrong = Inspection.expectation(row.account.expectation, actual)
            guard let first = wrong.first else { continue }
            row.end(Failure(.conflict, first.message, path: first.path))
            count(row)
        }
    }

    /// What the accounts do together.
    func coordinate() -> Coordination {
        let members = rows.map { row in Coordination.Member(row.account, row.first, row.difference, isLive: row.isLive) }
        let coordination = Coordination(members, force: force, allowUnlisted: options.allowUnlisted || purpose == .audit)
        for index in chosen {
            let row = rows[index]
            row.actions = members[index].isExpected ? coordination.actions[index] : []
            if let failure = coordination.failures[index] {
                row.end(failure)
                count(row)
            }
        }
        return coordination
    }
}
