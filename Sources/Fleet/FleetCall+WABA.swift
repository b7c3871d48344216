import Support
import WebhookModel

/// A WABA webhook on its way. Touched by one thread at a time.
final class WABAChange {
    let group: Coordination.Group
    var deadline: Deadline?
    var backoff = Backoff(first: 200, longest: 2_000)
    /// Accounts whose own webhook is still there.
    var owners: [Int]
    /// It was set, it shows, and what it takes from its numbers is gone.
    var isDone = false
    /// Why it was not, or is not known to be.
    var failure: Failure?

    init(_ group: Coordination.Group) {
        self.group = group
        owners = group.owners
    }

    /// Numbers may have lost a webhook of their own.
    var mayHaveTaken: Bool { isDone || failure.map { $0.outcome != .notApplied } ?? false }
}

/// What WABA webhooks mean for the accounts, by their place in the document.
final class WABAChanges {
    let all: [WABAChange]
    private(set) var asked: [Int: WABAChange] = [:]
    private(set) var owning: [Int: WABAChange] = [:]

    init(_ groups: [Coordination.Group]) {
        all = groups.map { WABAChange($0) }
        for change in all {
            for index in change.group.askers { asked[index] = change }
            for index in change.group.owners { owning[index] = change }
        }
    }
}

extension FleetCall {
    /// Sets each WABA's webhook once and waits for it; no thread waits meanwhile.
    func setWABAWebhooks(_ coordination: Coordination) throws(Failure) -> WABAChanges {
        let changes = WABAChanges(coordination.groups)
        nonisolated(unsafe) let all = changes.all
        try run(all.count) { [self] item in step(all[item]) }
        return changes
    }

    private func step(_ change: WABAChange) -> Workers.Step {
        let row = rows[change.group.carrier]
        if let deadline = change.deadline { return look(change, row, deadline) }
        guard mayBegin(row), let action = row.actions.first else {
            change.failure = row.failure
            return .done
        }
        for index in [change.group.carrier] + change.group.askers + change.group.owners where rows[index].isLive {
            rows[index].isBegun = true
        }
        guard execute(action, for: row) else {
            change.failure = row.failure
            return .done
        }
        let deadline = Deadline(in: options.wait)
        change.deadline = deadline
        return look(change, row, deadline)
    }

    /// Whether it shows by now, and the webhooks that it takes are gone.
    private func look(_ change: WABAChange, _ row: Row, _ deadline: Deadline) -> Workers.Step {
        let isLast = deadline.hasPassed
        do throws(Failure) {
            var actual = Actual()
            actual.take(try read(.wabaWebhook, row.account.key))
            if row.actions.first?.isShown(by: actual) == true {
                while let owner = change.owners.last, try isGone(owner) { change.owners.removeLast() }
                if change.owners.isEmpty {
                    change.isDone = true
                    share(change)
                    return .done
                }
            }
        } catch {
            if !error.retryable { return give(up: change, row, error) }
        }
        guard !isLast else {
            let late = Failure(
                .timeout, "the WABA webhook, or what it takes from its numbers, does not show within \(options.wait) ms",
                retryable: true)
            return give(up: change, row, late)
        }
        return .later(min(max(20, change.backoff.next().milliseconds), deadline.milliseconds))
    }

    /// An account that cannot be read any more is not waited for; nor is a webhook that is the document's now and was not: of
    /// two applies at once, the other one has seen it gone and set it again.
    private func isGone(_ owner: Int) throws(Failure) -> Bool {
        let row = rows[owner]
        do throws(Failure) {
            var actual = Actual()
            actual.take(try read(.customerWebhook, row.account.key))
            guard let url = actual.customerURL else { return true }
            guard case .webhook(let given) = row.account.customer else { return false }
            return url == given.url && url != row.first?.customerURL
        } catch {
            guard error.status == .unauthorized else { throw error }
            return true
        }
    }

    private func give(up change: WABAChange, _ row: Row, _ failure: Failure) -> Workers.Step {
        let failure = failure.with { $0.outcome = .unknown }
        change.failure = failure
        if !row.results.isEmpty { row.results[0] = Row.Result(status: failure.status, outcome: .unknown) }
        row.end(failure)
        return .done
    }

    /// Accounts that the change was for, though it stands in another row.
    private func share(_ change: WABAChange) {
        for index in change.group.askers where rows[index].isLive { rows[index].sharesChange = true }
        for index in change.group.owners where rows[index].isLive && rows[index].account.isFollowing {
            rows[index].sharesChange = index != change.group.carrier
        }
    }
}
