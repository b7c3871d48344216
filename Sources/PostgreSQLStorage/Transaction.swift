/// One attempt at a write. It begins with its first statements and ends with its last, in one round trip with each.
///
/// If the answer to a commit is lost, the row of the connection in `writer` says whether it was done. Every transaction first
/// writes its count there and locks the row until its end. A reader of the row waits for that, and finds the count if and only
/// if the transaction was committed. PostgreSQL's pg_xact_status cannot tell: after a crash, the number of a transaction that
/// never reached the disk is given to another one.
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

    func execute(_ query: Query) throws(AttemptError) -> Rows {
        guard let rows = try execute([query]).first else { throw .permanent(.fault("a statement has no result")) }
        return rows
    }

    /// Returns the rows of each statement.
    func execute(_ queries: [Query]) throws(AttemptError) -> [Rows] {
        if isBegun { return try connection.execute(queries) }
        isBegun = true
        connection.transactions += 1
        let mark = Query(
            """
            INSERT INTO d360_webhook.writer AS known (id, transactions, used_at) VALUES ($1, $2, d360_webhook.moment())
            ON CONFLICT (id) DO UPDATE SET transactions = excluded.transactions, used_at = excluded.used_at
            """, .integer(connection.writer), .integer(connection.transactions))
        return Array(try connection.execute([.begin, mark] + queries).dropFirst(2))
    }

    /// Runs the last statements, which return no rows, and commits.
    func commit(_ queries: [Query]) throws(AttemptError) {
        do throws(AttemptError) {
            try connection.execute(queries + [.commit])
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

    /// Does nothing if it was committed.
    func rollBack() {
        guard isBegun, !isOver, connection.isOpen else { return }
        isOver = true
        // A connection that cannot is not used again.
        do throws(AttemptError) { try connection.execute([.rollBack]) } catch { connection.close() }
    }
}
