import EmbeddedService
import Support

/// A storage in a PostgreSQL database that any number of processes on any number of machines share.
///
/// Moments are the database's: the clocks of the machines need not agree, so one clock
/// decides what is due. What a reading answers comes from one statement, so from one snapshot.
///
/// Locks are taken in one order: a WABA's (or two, the lower first), then rows of channels. Whoever changes which channels
/// are on a WABA, their own webhooks or the WABA's has that WABA's lock; a change of destinations locks its channel's row.
package final class PostgreSQLStorage: Storage {
    /// Milliseconds in which attempts are repeated: as long as a server takes to start again.
    private static let patience: Int64 = 5_000

    private let pool: ConnectionPool

    /// `url` is libpq's, postgresql://…; at most so many `connections` are made. Makes what the database lacks.
    package init(_ url: String, connections: Int) throws(Failure) {
        pool = ConnectionPool(try ServerAddress(url), connections: connections)
        let call = Call(settings: CallSettings(), cancellation: Cancellation().token, log: Log())
        let deadline = Deadline(in: call.settings.timeout.milliseconds)
        try repeating(call, until: deadline) { () throws(Setback) in
            let connection = try Connection.open(pool.address, call, until: deadline)
            defer { connection.close() }
            try Schema.prepare(connection)
        }
    }

    deinit { close() }

    /// Calls that are under way end as they would.
    package func close() { pool.close() }

    func read<Result>(_ call: Call, _ body: (Connection) throws(Setback) -> Result) throws(Failure) -> Result {
        let deadline = Deadline(in: call.settings.timeout.milliseconds)
        return try pool.inPlace(call, until: deadline) { () throws(Failure) in
            try repeating(call, until: deadline) { () throws(Setback) in try connected(call, deadline, body) }
        }
    }

    /// `body` runs in a transaction; what it does not commit is undone.
    func write<Result>(_ call: Call, _ body: (Transaction) throws(Setback) -> Result) throws(Failure) -> Result {
        let deadline = Deadline(in: call.settings.timeout.milliseconds)
        return try pool.inPlace(call, until: deadline) { () throws(Failure) in
            try repeating(call, until: deadline) { () throws(Setback) in
                try connected(call, deadline) { connection throws(Setback) in
                    let transaction = Transaction(connection) { [self] writer, count throws(Setback) in
                        try hasCommitted(writer, count, call, deadline)
                    }
                    defer { transaction.rollBack() }
                    return try body(transaction)
                }
            }
        }
    }

    private func connected<Result>(
        _ call: Call, _ deadline: Deadline, _ body: (Connection) throws(Setback) -> Result
    ) throws(Setback) -> Result {
        let connection = try pool.borrow(call, until: deadline)
        defer { pool.giveBack(connection) }
        return try body(connection)
    }

    /// Runs `body` until it succeeds or fails for good. `patience` is in milliseconds from its first setback.
    private func repeating<Result>(
        _ call: Call, until deadline: Deadline, patience: Int64 = patience, _ body: () throws(Setback) -> Result
    ) throws(Failure) -> Result {
        var backoff = Backoff(first: 10, longest: 500)
        var end: Deadline?
        while true {
            do throws(Setback) { return try body() } catch {
                switch error {
                case .failed(let failure), .stopped(let failure): throw failure
                case .collided: break
                case .lost: pool.closeIdle()
                }
                let last = end ?? Deadline(in: min(patience, deadline.milliseconds))
                end = last
                let pause = backoff.next().milliseconds
                guard last.milliseconds > pause else { throw error.failure }
                try call.pause(pause)
            }
        }
    }

    /// Asks until the end of the call's time: only then is it not known.
    private func hasCommitted(
        _ writer: Int64, _ count: Int64, _ call: Call, _ deadline: Deadline
    ) throws(Setback) -> Bool {
        do throws(Failure) {
            return try repeating(call, until: deadline, patience: .max) { () throws(Setback) in
                try connected(call, deadline) { connection throws(Setback) in
                    // Waits for the row's holder even if the row is its first, which nobody sees yet.
                    let found = try connection.run(
                        Query(
                            """
                            INSERT INTO d360_webhook.writer AS known (id, transactions, used_at)
                            VALUES ($1, 0, d360_webhook.moment())
                            ON CONFLICT (id) DO UPDATE SET used_at = excluded.used_at RETURNING known.transactions
                            """, .integer(writer)))
                    return found.integer(0) == count
                }
            }
        } catch {
            guard error.status == .storageError else { throw .stopped(error.with { $0.outcome = .unknown }) }
            throw .stopped(.inDoubt(pool.address.place))
        }
    }
}
