import CSQLite
import EmbeddedService
import Support

/// A storage in one SQLite file that any number of processes share, or in memory.
///
/// A reading's answer comes from one snapshot and needs no transaction; readers of a file never wait for a writer.
package final class SQLiteStorage: Storage {
    /// Bounds all waits of one call together.
    private static let longestWait = Duration.seconds(10)

    private let pool: ConnectionPool
    /// Returns the milliseconds since 1970. Other processes compare stored moments with theirs.
    let clock: @Sendable () -> Int64

    /// A missing or empty file is made a database. A relative path is made absolute now.
    package convenience init(
        _ location: DatabaseLocation, clock: @escaping @Sendable () -> Int64 = { Clock.wall.milliseconds }
    ) throws(Failure) {
        let pool: ConnectionPool
        switch location {
        case .memory: pool = try PoolRegistry.add { () throws(Failure) in try ConnectionPool.inMemory() }
        case .file(let path):
            pool = try PoolRegistry.add { () throws(Failure) in ConnectionPool(try DatabaseFile(path)) }
            do throws(Failure) { try pool.open(until: Deadline(in: Self.longestWait)) } catch {
                PoolRegistry.close(pool)
                throw error
            }
        }
        self.init(pool, clock)
    }

    private init(_ pool: ConnectionPool, _ clock: @escaping @Sendable () -> Int64) {
        self.pool = pool
        self.clock = clock
    }

    deinit { PoolRegistry.close(pool) }

    /// Switches SQLite's memory statistics off for the whole process: they take a lock at each allocation. Only a program that
    /// owns the process may do that, before it opens the first database.
    package static func disableMemoryStatistics() { _ = d360_sqlite_keep_no_statistics() }

    /// A reading does: as long as the file can be read and is in its place, a write waits only for other writers.
    package func ping(call: Call) throws(Failure) {
        let file = pool.file
        try read(call) { connection throws(Failure) in
            _ = try connection.first("SELECT 1 FROM channel LIMIT 1") { _ in true }
            try file?.checkIsInPlace(logOf: connection)
        }
    }

    func read<Result>(_ call: Call, _ body: (Connection) throws(Failure) -> Result) throws(Failure) -> Result {
        try PoolRegistry.claim(pool)
        let deadline = call.deadline.orEarlier(in: Self.longestWait)
        // In memory there is one connection for all.
        if pool.file == nil { return try inTurn(call, deadline, body) }
        let connection = try pool.borrow(call, until: deadline)
        defer { pool.giveBack(connection) }
        return try body(connection)
    }

    /// `body` runs in a transaction; nobody else writes meanwhile.
    func write<Result>(_ call: Call, _ body: (Connection) throws(Failure) -> Result) throws(Failure) -> Result {
        try PoolRegistry.claim(pool)
        let file = pool.file
        return try inTurn(call, call.deadline.orEarlier(in: Self.longestWait)) { connection throws(Failure) in
            try connection.transaction { () throws(Failure) in
                let result = try body(connection)
                try file?.checkIsInPlace(logOf: connection)
                return result
            }
        }
    }

    private func inTurn<Result>(
        _ call: Call, _ deadline: Deadline, _ body: (Connection) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let writer = pool.writer
        guard try writer.acquire(call, until: deadline) else { throw .locked(pool.place) }
        defer { writer.release() }
        let connection = try pool.borrow(call, until: deadline)
        defer { pool.giveBack(connection) }
        return try body(connection)
    }
}
