import Support
import WebhookModel

extension FleetExecutor {
    /// Reads everything again, so that rows say what was read and not what was sent. A change may show late: then the account
    /// is read again within wait_ms.
    func verify() throws(Failure) {
        let outcomes = outcomes
        let indexes = session.selected.filter { outcomes[$0].before != nil }
        guard outcomes.contains(where: { $0.hasWrites }) else { return }
        let deadline = Deadline(in: session.options.wait)
        let backoff = Backoff(initial: .milliseconds(100), maximum: .seconds(2))
        let backoffs = Locked(Array(repeating: backoff, count: indexes.count))
        try session.perform(indexes.count) { [self] item in
            let index = indexes[item]
            guard verify(index, isLast: deadline.hasPassed) else {
                let delay = .milliseconds(50) + backoffs.withLock { $0[item].next() }
                return .retry(after: min(delay, max(.milliseconds(1), deadline.remaining)))
            }
            let outcome = outcome(index)
            session.report(index, outcome.status, actions: outcome.actions.count)
            return .done
        }
    }

    /// False if the account has to be read again.
    private func verify(_ index: Int, isLast: Bool) -> Bool {
        do throws(Failure) {
            let snapshot = try reader.snapshot(of: index)
            let outcome = outcome(index)
            var late: [Int] = []
            for (place, result) in outcome.results.enumerated() where result.status == .ok {
                let evidence = try snapshot.evidence(of: outcome.actions[place].operation)
                if evidence == .lacks || evidence == .contradicts { late.append(place) }
            }
            guard late.isEmpty || isLast else { return false }
            update(index) { outcome in
                for place in late { outcome.results[place] = AccountOutcome.ActionResult(status: .timeout, outcome: .unknown) }
                if !late.isEmpty {
                    let message = FindingMessages.notShown(within: session.options.wait)
                    outcome.end(Failure(.timeout, message, retryable: true).with { $0.outcome = .unknown })
                }
                outcome.after = snapshot
            }
        } catch {
            if error.status == .cancelled { return false }
            if error.retryable && error.status != .rateLimited && !isLast { return false }
            // What was written before stays written.
            update(index) { outcome in
                let written = outcome.outcome
                outcome.lacksLastReading = true
                outcome.end(error.with { $0.outcome = written })
            }
        }
        return true
    }
}
