import EmbeddedService
import Support

/// A storage in a PostgreSQL database that any number of processes on any number of machines share.
///
/// Moments are the database's: one clock decides what is due, so the clocks of the machines need not agree. A reading is one
/// statement, so one snapshot.
///
/// Locks are taken in one order: a WABA's (or two, the lower first), then rows of channels. A change of a WABA's channels, of
/// their own webhooks or of the WABA's has that WABA's lock; a change of destinations locks its channel's row.
package final class PostgreSQLStorage: Storage {
    /// A server can start again within this time, and a standby can be promoted.
    private static let retrySpan = Duration.seconds(5)

    private let pool: ServerPool

    /// `url` is libpq's, postgresql://…; at most so many `connections` are made. Creates what the database lacks.
    package init(_ url: String, connections: Int) throws(Failure) {
        pool = ServerPool(try ServerAddress(url), connections: connections)
        let call = Call(settings: CallSettings(), cancellation: Cancellation().token, log: Log()).operation()
        try repeating(call) { () throws(AttemptError) in
            let connection = try ServerConnection.open(pool.address, call)
            defer { connection.close() }
            try DatabaseSchema.prepare(connection)
        }
    }

    deinit { close() }

    /// Calls in flight go on.
    package func close() { pool.close() }

    /// Does not wait for a promotion: the answer is about now.
    package func ping(call: Call) throws(Failure) {
        try read(call.until(call.deadline.orEarlier(in: .seconds(1)))) { connection throws(AttemptError) in
            let rows = try connection.execute(
                Query("SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean"))
            if rows.boolean(0) != false { throw .disconnected(.readOnly(connection.address.place)) }
        }
    }

    func read<Result>(
        _ call: Call, _ body: (ServerConnection) throws(AttemptError) -> Result
    ) throws(Failure) -> Result {
        try pool.withSlot(call) { () throws(Failure) in
            try repeating(call) { () throws(AttemptError) in try connected(call, body) }
        }
    }

    /// The rows of one statement.
    func rows(_ query: Query, _ call: Call) throws(Failure) -> Rows {
        try read(call) { connection throws(AttemptError) in try connection.execute(query) }
    }

    /// `body` runs in a transaction, which is rolled back unless `body` commits it.
    func write<Result>(_ call: Call, _ body: (Transaction) throws(AttemptError) -> Result) throws(Failure) -> Result {
        try read(call) { connection throws(AttemptError) in
            let transaction = Transaction(connection) { [self] writer, count throws(AttemptError) in
                try verifyCommit(writer, count, call)
            }
            defer { transaction.rollBack() }
            return try body(transaction)
        }
    }

    private func connected<Result>(
        _ call: Call, _ body: (ServerConnection) throws(AttemptError) -> Result
    ) throws(AttemptError) -> Result {
        let connection = try pool.borrow(call)
        defer { pool.giveBack(connection) }
        return try body(connection)
    }

    /// Runs `body` until it succeeds or fails for good, at most for `span` from its first failure.
    private func repeating<Result>(
        _ call: Call, for span: Duration = retrySpan, _ body: () throws(AttemptError) -> Result
    ) throws(Failure) -> Result {
        var retry = Retry(backoff: Backoff(initial: .milliseconds(10), maximum: .milliseconds(500)))
        var end: Deadline?
        while true {
            do throws(AttemptError) { return try body() } catch {
                switch error {
                case .permanent(let failure), .cancelled(let failure): throw failure
                case .conflict: break
                case .disconnected: pool.drop()
                }
                let last = end ?? call.deadline.orEarlier(in: span)
                end = last
                guard let pause = retry.delay(until: last) else { throw error.failure }
                try call.pause(pause)
            }
        }
    }

    /// Asks until the call's deadline; the outcome is unknown only after that.
    private func verifyCommit(_ writer: Int64, _ count: Int64, _ call: Call) throws(AttemptError) -> Bool {
        do throws(Failure) {
            return try repeating(call, for: call.deadline.remaining) { () throws(AttemptError) in
                try connected(call) { connection throws(AttemptError) in
                    // Waits for the row's holder even if the row is its first, which nobody sees yet.
                    let found = try connection.execute(
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
            guard error.status == .storageError else { throw .cancelled(error.with { $0.outcome = .unknown }) }
            throw .cancelled(.inDoubt(pool.address.place))
        }
    }
}
