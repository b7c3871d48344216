import EmbeddedService
import Glibc
import Support

/// A storage in one SQLite file that any number of processes share, or in memory.
///
/// What a reading answers comes from one statement, so from one snapshot, and needs no transaction; readers never wait for
/// a writer.
package final class SQLiteStorage: Storage {
    /// Milliseconds.
    package static let longestWait = BusyWait.longest

    private let pool: ConnectionPool
    private let longestWait: Int64

    /// `path` is taken literally and made absolute now; nil: memory. A missing or empty file is made a database.
    /// `longestWait`: milliseconds for which a write waits for others.
    package convenience init(path: String?, longestWait: Int64 = SQLiteStorage.longestWait) throws(Failure) {
        guard let path else {
            self.init(try OpenPools.add { () throws(Failure) in try ConnectionPool() }, longestWait)
            return
        }
        let pool = try OpenPools.add { () throws(Failure) in ConnectionPool(try DatabaseFile(path)) }
        do throws(Failure) { pool.giveBack(try pool.borrow(nil)) } catch {
            OpenPools.close(pool)
            throw error
        }
        self.init(pool, longestWait)
    }

    private init(_ pool: ConnectionPool, _ longestWait: Int64) {
        self.pool = pool
        self.longestWait = longestWait
    }

    deinit { OpenPools.close(pool) }

    func read<Result>(_ call: Call, _ body: (Connection) throws(Failure) -> Result) throws(Failure) -> Result {
        try settleAfterFork()
        // In memory there is one connection for all.
        if pool.file == nil { return try inTurn(call, body) }
        let connection = try pool.borrow(call)
        defer { pool.giveBack(connection) }
        return try body(connection)
    }

    /// `body` runs in a transaction that nobody else writes beside.
    func write<Result>(_ call: Call, _ body: (Connection) throws(Failure) -> Result) throws(Failure) -> Result {
        try settleAfterFork()
        return try inTurn(call) { connection throws(Failure) in
            try connection.transaction { () throws(Failure) in try body(connection) }
        }
    }

    private func inTurn<Result>(_ call: Call, _ body: (Connection) throws(Failure) -> Result) throws(Failure) -> Result {
        let deadline = Deadline(in: longestWait)
        let writers = pool.writers
        try writers.enter(call, until: deadline, pool.place)
        defer { writers.leave() }
        let connection = try pool.borrow(call, until: deadline)
        defer { pool.giveBack(connection) }
        return try body(connection)
    }

    private func settleAfterFork() throws(Failure) {
        if !pool.isOfThisProcess { try OpenPools.settle(pool) }
    }
}
