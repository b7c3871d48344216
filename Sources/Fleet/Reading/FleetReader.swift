import Support
import WebhookModel

/// How the reading of one account ended.
package enum AccountReading: Sendable {
    /// It was not selected, or the call ended before it was read.
    case notRead
    /// With the WABA's id, if that was read before the failure.
    indirect case failed(Failure, wabaID: Int64?)
    /// max_failures was reached.
    indirect case skipped(Failure)
    case snapshot(AccountSnapshot)

    package var snapshot: AccountSnapshot? { if case .snapshot(let snapshot) = self { snapshot } else { nil } }
}

/// Reads accounts of a fleet.
final class FleetReader: Sendable {
    private let session: FleetSession
    private let purpose: Fleet.Purpose
    private let results: Locked<[AccountReading]>
    private let known = Locked<[Int64: WABANumbers]>([:])
    /// The destinations that were read last: many numbers have the same.
    private let latest = Locked<MultiSnapshot?>(nil)

    init(_ session: FleetSession, _ purpose: Fleet.Purpose) {
        self.session = session
        self.purpose = purpose
        results = Locked(Array(repeating: .notRead, count: session.document.accounts.count))
    }

    /// By the accounts' places in the document; those that were read so far.
    var readings: [AccountReading] { results.withLock { $0 } }

    /// Reads the selected accounts; throws if the call is cancelled.
    func readAll() throws(Failure) {
        let selected = session.selected
        try session.perform(selected.count) { [self] item in
            let index = selected[item]
            let reading = read(index)
            results.withLock { $0[index] = reading }
            switch reading {
            case .failed(let failure, _):
                if failure.status == .cancelled { break }
                if purpose == .apply { session.recordFailure() }
                session.report(index, failure.status, actions: 0)
            // A plan decides later: what an account does may depend on the others of its WABA.
            case .snapshot: if purpose == .audit || purpose == .export { session.report(index, .ok, actions: 0) }
            case .skipped, .notRead: break
            }
            return .done
        }
    }

    private func read(_ index: Int) -> AccountReading {
        if purpose == .apply, let why = session.reasonNotToStart() { return .skipped(why) }
        var wabaID: Int64?
        do throws(Failure) { return .snapshot(try snapshot(of: index) { wabaID = $0 }) } catch {
            return .failed(error, wabaID: wabaID)
        }
    }

    /// Reads one account; its destinations only if they are needed.
    func snapshot(of index: Int, wabaID: (Int64?) -> Void = { _ in }) throws(Failure) -> AccountSnapshot {
        let account = session.account(index)
        var readings = AccountReadings()
        try add(.wabaWebhook, of: index, to: &readings)
        wabaID(readings.waba?.wabaID)
        try add(.customerWebhook, of: index, to: &readings)
        if account.multi != nil || purpose == .export || session.options.routes {
            try add(.multiWebhook, of: index, to: &readings)
        }
        let snapshot = AccountSnapshot(readings, sharedWith: account, like: latest.withLock { $0 })
        if let multi = snapshot.multi { latest.withLock { $0 = multi } }
        return snapshot
    }

    /// A snapshot of one setting alone.
    func snapshot(of setting: OperationKind.Setting, _ index: Int) throws(Failure) -> AccountSnapshot {
        var readings = AccountReadings()
        try add(setting, of: index, to: &readings)
        return AccountSnapshot(readings)
    }

    private func add(
        _ setting: OperationKind.Setting, of index: Int, to readings: inout AccountReadings
    ) throws(Failure) {
        switch try session.read(setting, of: index) {
        case .wabaWebhook(let reading):
            readings.waba = reading
            if let numbers = reading.numbers { readings.numbers = try shared(reading.wabaID, numbers) }
        case .customerWebhook(let reading): readings.customer = reading
        case .multiWebhook(let reading): readings.multi = reading
        }
    }

    /// The copy of a WABA's numbers that its accounts share, if there are many; each time they may be listed in another order.
    private func shared(_ id: Int64?, _ numbers: [String]) throws(Failure) -> WABANumbers {
        guard let id, numbers.count > WABANumbers.few else { return try .of(numbers) }
        if let known = known.withLock({ $0[id] }) {
            if known.numbers == numbers { return known }
            if known.numbers.count == numbers.count && Set(known.numbers) == Set(numbers) { return known }
        }
        let new = try WABANumbers.of(numbers)
        known.withLock { $0[id] = new }
        return new
    }
}
