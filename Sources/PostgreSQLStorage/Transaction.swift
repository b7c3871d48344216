/// One attempt at a write. It begins with its first statements and ends with its last, in one round trip with each.
///
/// A commit whose answer was lost is settled by what it left behind. PostgreSQL's own pg_xact_status does not do: after a
/// crash the number of a transaction that never reached the disk is given out again, and would be another's. So every
/// transaction writes its count into the row of its connection in `writer`, first of all: it holds that row until its end,
/// whoever asks for the row in the meantime waits, and finds the count there if, and only if, it was committed.
final class Transaction {
    private let connection: ServerConnection
    private let verifyCommit: (_ writer: Int64, _ count: Int64) throws(AttemptError) -> Bool
    private var isBegun = false
    private var isOver = false

    /// `verifyCommit` asks on another connection.
    init(
        _ connection: ServerConnection, verifyCommit: @escaping (_ writer: Int64, _ count: Int64) throws(AttemptError) -> Bool
    ) {
        self.connection = connection
        self.verifyCommit = verifyCommit
    }

    var place: String { connection.address.place }

    /// What each of the statements answered.
    func run(_ queries: Query...) throws(AttemptError) -> [Rows] { try runAll(queries) }

    func runAll(_ queries: [Query]) throws(AttemptError) -> [Rows] {
        if isBegun { return try connection.run(queries) }
        isBegun = true
        connection.transactions += 1
        let mark = Query(
            """
            INSERT INTO d360_webhook.writer AS known (id, transactions, used_at) VALUES ($1, $2, d360_webhook.moment())
            ON CONFLICT (id) DO UPDATE SET transactions = excluded.transactions, used_at = excluded.used_at
            """, .integer(connection.writer), .integer(connection.transactions))
        return Array(try connection.run([.begin, mark] + queries).dropFirst(2))
    }

    /// Runs the last statements, which answer nothing, and commits.
    func commit(_ queries: [Query]) throws(AttemptError) {
        do throws(AttemptError) {
            try connection.run(queries + [.commit])
            isOver = true
        } catch {
            switch error {
            case .disconnected:
                isOver = true
                guard try verifyCommit(connection.writer, connection.transactions) else { throw error }
            case .cancelled(let failure):
                throw .cancelled(failure.with { $0.outcome = .unknown })
            case .permanent, .conflict:
                throw error
            }
        }
    }

    /// Unless it was committed.
    func rollBack() {
        guard isBegun, !isOver, connection.isOpen else { return }
        isOver = true
        // A connection that cannot is not used again.
        do throws(AttemptError) { try connection.run([.rollBack]) } catch { connection.close() }
    }
}
