import Support

extension FleetCall {
    /// What a row says is what was read at the end. A change may show late: then it is read again within wait_ms.
    func readAgain() throws(Failure) {
        guard rows.contains(where: { !$0.results.isEmpty || $0.sharesChange }) else { return }
        let read = chosen.filter { rows[$0].first != nil }
        let deadline = Deadline(in: options.wait)
        let backoffs = Backoffs(read.count)
        try run(read.count) { [self] item in
            let row = rows[read[item]]
            let isLast = deadline.hasPassed
            let step = again(row, isLast)
            guard case .later = step else {
                count(row)
                report(row)
                return .done
            }
            return .later(min(backoffs.next(item), max(1, deadline.milliseconds)))
        }
    }

    private func again(_ row: Row, _ isLast: Bool) -> Workers.Step {
        do throws(Failure) {
            let actual = try read(row.account)
            let late = row.results.indices.filter { row.results[$0].status == .ok && !row.actions[$0].isShown(by: actual) }
            guard late.isEmpty || isLast else { return .later(0) }
            for index in late { row.results[index] = Row.Result(status: .timeout, outcome: .unknown) }
            if !late.isEmpty {
                let failure = Failure(.timeout, "what was sent does not show within \(options.wait) ms", retryable: true)
                row.end(failure.with { $0.outcome = .unknown })
            }
            row.lastDigest = try Digest.of(row.account, actual, Difference(of: row.account, from: actual, force: force))
            row.last = actual
        } catch {
            if error.retryable && error.status != .rateLimited && !isLast { return .later(0) }
            guard error.status != .cancelled else { return .later(0) }
            // What was written before stays written.
            row.end(error.with { $0.outcome = row.outcome })
        }
        return .done
    }
}

/// Each item's own waits, touched by one thread at a time.
private final class Backoffs: @unchecked Sendable {
    private let mutex = Mutex()
    private var backoffs: [Backoff]

    init(_ count: Int) { backoffs = Array(repeating: Backoff(first: 100, longest: 2_000), count: count) }

    func next(_ item: Int) -> Int64 { mutex.locked { 50 + backoffs[item].next().milliseconds } }
}
