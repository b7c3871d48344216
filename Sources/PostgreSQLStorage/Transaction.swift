/// One attempt at a write. It begins with its first statements and ends with its last, in one round trip with each.
///
/// A commit whose answer was lost is settled by what it left behind. PostgreSQL's own pg_xact_status does not do: after a
/// crash the number of a transaction that never reached the disk is given out again, and would be another's. So every
/// transaction writes its count into the row of its connection in `writer`, first of all: it holds that row until its end,
/// whoever asks for the row in the meantime waits, and finds the count there if, and only if, it was committed.
final class Transaction {
    private let connection: Connection
    private let hasCommitted: (_ writer: Int64, _ count: Int64) throws(Setback) -> Bool
    private var isBegun = false
    private var isOver = false

    /// `hasCommitted` asks on another connection.
    init(
        _ connection: Connection, hasCommitted: @escaping (_ writer: Int64, _ count: Int64) throws(Setback) -> Bool
    ) {
        self.connection = connection
        self.hasCommitted = hasCommitted
    }

    var place: String { connection.address.place }

    /// What each of the statements answered.
    func run(_ queries: Query...) throws(Setback) -> [Rows] { try runAll(queries) }

    func runAll(_ queries: [Query]) throws(Setback) -> [Rows] {
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
    func commit(_ queries: [Query]) throws(Setback) {
        do throws(Setback) {
            try connection.run(queries + [.commit])
            isOver = true
        } catch {
            switch error {
            case .lost:
                isOver = true
                guard try hasCommitted(connection.writer, connection.transactions) else { throw error }
            case .stopped(let failure):
                throw .stopped(failure.with { $0.outcome = .unknown })
            case .failed, .collided:
                throw error
            }
        }
    }

    /// Unless it was committed.
    func rollBack() {
        guard isBegun, !isOver, connection.isOpen else { return }
        isOver = true
        // A connection that cannot is not used again.
        do throws(Setback) { try connection.run([.rollBack]) } catch { connection.close() }
    }
}
