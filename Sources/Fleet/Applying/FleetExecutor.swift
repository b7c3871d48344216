import Support
import WebhookModel

/// Carries out a plan: the WABA webhooks, the accounts, then the verifying reading. Each account is touched by one thread at a
/// time.
final class FleetExecutor: Sendable {
    let session: FleetSession
    let reader: FleetReader
    let plan: FleetPlan
    private let accounts: Locked<[AccountOutcome]>
    private let begun: Locked<Set<Int>>

    init(_ session: FleetSession, _ reader: FleetReader, _ plan: FleetPlan, _ outcomes: [AccountOutcome]) {
        self.session = session
        self.reader = reader
        self.plan = plan
        accounts = Locked(outcomes)
        begun = Locked([])
    }

    /// By the accounts' places in the document, as far as the call has come.
    var outcomes: [AccountOutcome] { accounts.withLock { $0 } }

    func outcome(_ index: Int) -> AccountOutcome { accounts.withLock { $0[index] } }

    /// Changes an outcome; an account that fails by that counts against max_failures.
    func update(_ index: Int, _ change: (inout AccountOutcome) -> Void) {
        let hasFailed = accounts.withLock { outcomes in
            let wasFailed = outcomes[index].category == .failed
            change(&outcomes[index])
            return !wasFailed && outcomes[index].category == .failed
        }
        if hasFailed { session.recordFailure() }
    }

    /// Throws if the call is cancelled; `outcomes` then says what was done.
    func perform() throws(Failure) {
        let changes = try WABAExecution(self).perform()
        let selected = session.selected
        try session.perform(selected.count) { [self] item in
            finish(selected[item], changes)
            return .done
        }
        try verify()
    }

    /// False if so many accounts have failed that this one, for which nothing was done yet, is skipped.
    func mayStart(_ index: Int) -> Bool {
        if begun.withLock({ $0.contains(index) }) { return true }
        guard let why = session.reasonNotToStart() else {
            begin([index])
            return true
        }
        update(index) { $0.termination = $0.termination ?? .skipped(why) }
        return false
    }

    /// From now on, work for these accounts does not count as a start.
    func begin(_ indexes: [Int]) { begun.withLock { $0.formUnion(indexes) } }

    /// Performs an account's next action and records how it ended; false if the account stops here.
    func perform(_ action: Action, for index: Int) -> Bool {
        do throws(Failure) {
            do throws(Failure) { try session.write(action.operation, for: index) } catch {
                guard wasAppliedByAnother(action, index, error) else { throw error }
            }
            update(index) { outcome in
                outcome.results.append(AccountOutcome.ActionResult(status: .ok, outcome: .applied))
                if action.clearsHeaders { outcome.extraFindings.append(FindingMessages.headersCleared) }
            }
            return true
        } catch {
            update(index) { outcome in
                outcome.results.append(AccountOutcome.ActionResult(status: error.status, outcome: error.outcome))
                outcome.end(error)
            }
            return false
        }
    }

    /// A concurrent apply may have made a change that this one is denied. Only a reading proves that: one that shows all that
    /// was asked for, and did not show it before. It may show late: a 404 to a name that still shows looks like a wrong path.
    private func wasAppliedByAnother(_ action: Action, _ index: Int, _ failure: Failure) -> Bool {
        let isDenied = [.conflict, .notFound, .notEnabled].contains(failure.status) || failure.httpStatus == 404
        guard isDenied, failure.attempts > 0, let before = outcome(index).before,
            let evidence = try? before.evidence(of: action.operation), evidence != .shows
        else { return false }
        let setting = action.operation.kind.setting
        let deadline = Deadline(in: min(session.options.wait, .seconds(3)))
        var retry = Retry(backoff: Backoff(initial: .milliseconds(100), maximum: .milliseconds(500)))
        while true {
            if let now = try? reader.snapshot(of: setting, index), (try? now.evidence(of: action.operation)) == .shows {
                return true
            }
            guard let delay = retry.delay(after: .milliseconds(100), until: deadline), (try? session.call.pause(delay)) != nil
            else { return false }
        }
    }

    /// The number's own webhook, then its destinations.
    private func finish(_ index: Int, _ changes: WABAExecution.Results) {
        let outcome = outcome(index)
        guard outcome.isActive else { return }
        let change = plan.accounts[index]?.wabaChange.map { changes[$0] }
        if let change, let failure = change.failure, plan.accounts[index]?.asksForWABAChange == true {
            return update(index) { $0.end(failure) }
        }
        let isShadowed = plan.accounts[index]?.diff.isShadowed == true && !(change?.isDone == true && plan.frees(index))
        guard outcome.results.count < outcome.actions.count || isShadowed else { return }
        guard mayStart(index) else { return }
        if let change, !change.mayHaveRemoved, !session.options.force.contains(.customerWebhook) {
            // Nothing was taken that has to be set again.
            update(index) { $0.actions.removeAll { $0.isAboutCustomer && $0.changes.isEmpty } }
        }
        let actions = self.outcome(index).actions
        for action in actions.dropFirst(outcome.results.count) {
            guard !session.call.isCancelled, perform(action, for: index) else { return }
        }
        if let failure = change?.failure, failure.outcome == .unknown, let waba = plan.waba(of: index), waba.removesOwn,
            waba.overridden.contains(index) || actions.contains(where: { $0.isAboutCustomer })
        {
            // The override may take effect later than what was set here.
            return update(index) { $0.end(failure) }
        }
        guard isShadowed else { return }
        update(index) { $0.end(Failure(.conflict, FindingMessages.ownWebhookStays, path: "/customer_webhook")) }
    }
}
