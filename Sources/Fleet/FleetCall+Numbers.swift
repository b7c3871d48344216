import Support

extension FleetCall {
    /// The numbers' own webhooks, then their destinations.
    func finishNumbers(_ changes: WABAChanges) throws(Failure) {
        nonisolated(unsafe) let changes = changes
        try run(chosen.count) { [self] item in
            finish(chosen[item], changes)
            return .done
        }
    }

    private func finish(_ index: Int, _ changes: WABAChanges) {
        let row = rows[index]
        guard row.isLive, let actual = row.first else { return }
        if let failure = changes.asked[index]?.failure {
            row.end(failure)
            return count(row)
        }
        let taking = changes.owning[index]
        let isShadowed = row.account.isFollowing && actual.customerURL != nil && taking?.isDone != true
        guard row.results.count < row.actions.count || isShadowed else { return }
        guard mayBegin(row) else { return }
        row.isBegun = true
        if let taking, !taking.mayHaveTaken, !options.force.contains(.customer) {
            row.actions.removeAll { $0.isAboutCustomer && $0.changes.isEmpty }  // nothing was taken that is to be set again
        }
        while row.results.count < row.actions.count {
            guard !call.isCancelled, execute(row.actions[row.results.count], for: row) else { return }
        }
        guard isShadowed else { return }
        let why = Failure(
            .conflict, "the number has a webhook of its own, which only override_all on its WABA takes away",
            path: "/\(Section.customer.rawValue)")
        row.end(why)
        count(row)
    }
}
