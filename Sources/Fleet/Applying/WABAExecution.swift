import Support
import WebhookModel

/// Sets each WABA's webhook once and waits until it shows; no thread waits meanwhile.
struct WABAExecution: Sendable {
    /// How a WABA's change ended.
    struct Change: Sendable {
        /// It was set, it shows, and the own webhooks that it removes are gone.
        var isDone = false
        /// Why it was not set, or is not known to be.
        var failure: Failure?

        /// Numbers may have lost a webhook of their own.
        var mayHaveRemoved: Bool { isDone || failure.map { $0.outcome != .notApplied } ?? false }
    }

    typealias Results = [Change]

    private struct Progress: Sendable {
        var change = Change()
        var deadline: Deadline?
        var backoff = Backoff(initial: .milliseconds(200), maximum: .seconds(2))
        /// The own webhooks of these accounts still show.
        var overridden: [Int]
    }

    private let executor: FleetExecutor
    private let plans: [WABAChangePlan]
    private var session: FleetSession { executor.session }

    init(_ executor: FleetExecutor) {
        self.executor = executor
        plans = executor.plan.wabaChanges
    }

    func perform() throws(Failure) -> Results {
        let progress = Locked(plans.map { Progress(overridden: $0.overridden) })
        try session.perform(plans.count) { [self] item in
            var one = progress.withLock { $0[item] }
            let step = step(plans[item], &one)
            progress.withLock { $0[item] = one }
            return step
        }
        return progress.withLock { $0.map { $0.change } }
    }

    private func step(_ plan: WABAChangePlan, _ progress: inout Progress) -> Workers.ItemResult {
        if let deadline = progress.deadline { return check(plan, &progress, deadline) }
        guard executor.mayStart(plan.leader) else {
            progress.change.failure = executor.outcome(plan.leader).failure
            return .done
        }
        executor.begin(plan.followers + plan.overridden)
        guard executor.perform(plan.action, for: plan.leader) else {
            progress.change.failure = executor.outcome(plan.leader).failure
            return .done
        }
        let deadline = Deadline(in: session.options.wait)
        progress.deadline = deadline
        return check(plan, &progress, deadline)
    }

    /// Looks whether the webhook shows by now and the webhooks that it removes are gone.
    private func check(_ plan: WABAChangePlan, _ progress: inout Progress, _ deadline: Deadline) -> Workers.ItemResult {
        let isLast = deadline.hasPassed
        do throws(Failure) {
            let snapshot = try executor.reader.snapshot(of: .wabaWebhook, plan.leader)
            let evidence = try snapshot.evidence(of: plan.action.operation)
            if evidence == .shows || evidence == .cannotTell {
                while let index = progress.overridden.last, try isGone(index) { progress.overridden.removeLast() }
                if progress.overridden.isEmpty && (isLast || !plan.isUnseen) {
                    progress.change.isDone = true
                    markShared(plan)
                    return .done
                }
            }
        } catch {
            if !error.retryable { return giveUp(plan, &progress, error) }
        }
        guard !isLast else {
            let message = FindingMessages.wabaNotShown(within: session.options.wait)
            return giveUp(plan, &progress, Failure(.timeout, message, retryable: true))
        }
        return .retry(after: min(max(.milliseconds(20), progress.backoff.next()), deadline.remaining))
    }

    /// An account that cannot be read any more is not waited for; nor is a webhook that already is the document's and was not
    /// before: a concurrent apply has restored it.
    private func isGone(_ index: Int) throws(Failure) -> Bool {
        do throws(Failure) {
            guard let url = try executor.reader.snapshot(of: .customerWebhook, index).customerURL else { return true }
            guard case .webhook(let given, _) = session.account(index).customer, try url.isSameURL(as: given) else {
                return false
            }
            return try executor.outcome(index).before?.customerURL?.isSameURL(as: url) != true
        } catch {
            guard error.status == .unauthorized else { throw error }
            return true
        }
    }

    private func giveUp(_ plan: WABAChangePlan, _ progress: inout Progress, _ failure: Failure) -> Workers.ItemResult {
        let failure = failure.with { $0.outcome = .unknown }
        progress.change.failure = failure
        executor.update(plan.leader) { outcome in
            if !outcome.results.isEmpty {
                outcome.results[0] = AccountOutcome.ActionResult(status: failure.status, outcome: .unknown)
            }
            outcome.end(failure)
        }
        return .done
    }

    /// Marks the accounts that the change was for, though its action is in another row.
    private func markShared(_ plan: WABAChangePlan) {
        let freed = plan.overridden.filter { session.account($0).follows && $0 != plan.leader }
        for index in plan.followers + freed where executor.outcome(index).isActive {
            executor.update(index) { $0.changedViaWABA = true }
        }
    }
}
