import CSQLite
import EmbeddedService
import Support

/// One connection to a database with its prepared statements. Used by one thread at a time.
final class Connection {
    /// The file's path, as messages name it.
    let place: String
    let handle: OpaquePointer
    private let busy = BusyHandler()
    /// By the address of their text in the library.
    private var statements: [UnsafePointer<UInt8>: Statement] = [:]
    private var isOpen = true
    /// The write-ahead log that it uses. It lies in the folder of the file itself, not of a symbolic link to it.
    private(set) var log: (path: String, id: FileID)?
    /// A transaction could not be rolled back: nothing more may be done here.
    private(set) var isBroken = false

    convenience init(_ name: String, _ flags: Int32, place: String) throws(Failure) {
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(name, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard code == SQLITE_OK, let opened else {
            // A failed open still hands back a connection to close: sqlite.org/c3ref/open.html
            sqlite3_close(opened)
            throw .sqlite(code, place)
        }
        self.init(opened, place)
    }

    private init(_ handle: OpaquePointer, _ place: String) {
        self.handle = handle
        self.place = place
        busy.attach(to: handle)
    }

    deinit { close() }

    /// `keepingLog`: neither checkpoints nor deletes the write-ahead log, which other processes go on using.
    func close(keepingLog: Bool = false) {
        guard isOpen else { return }
        isOpen = false
        statements.removeAll()
        // In a child, the stack of a thread of the parent may still hold a statement.
        while let statement = sqlite3_next_stmt(handle, nil) { sqlite3_finalize(statement) }
        if keepingLog { _ = d360_sqlite_keep_log_on_close(handle) }
        sqlite3_close(handle)
    }

    /// True in a child if the thread that used it at the fork was waiting for its transaction to begin. Then it can be closed:
    /// SQLite holds no lock of its own there, and nothing is begun that closing would roll back.
    var isWaiting: Bool { busy.isSleeping && sqlite3_txn_state(handle, nil) == SQLITE_TXN_NONE }

    /// Locks are waited for on behalf of `call` from now on.
    func begin(_ call: Call?, until deadline: Deadline) { busy.begin(call, until: deadline) }

    func findLog() {
        guard let name = sqlite3_filename_wal(sqlite3_db_filename(handle, "main")) else { return }
        let path = String(cString: name)
        log = FileID(of: path).map { (path, $0) }
    }

    /// Writes the log into the file and truncates it. Waits a second at most for connections that use it.
    func emptyLog() {
        begin(nil, until: Deadline(in: .seconds(1)))
        sqlite3_wal_checkpoint_v2(handle, "main", SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
    }

    /// SQLite falls back to reading where it may not write.
    var isReadOnly: Bool { sqlite3_db_readonly(handle, "main") == 1 }

    /// Runs a statement that returns no rows.
    func execute(_ sql: StaticString, _ values: SQLValue...) throws(Failure) {
        let statement = try prepared(sql, values)
        defer { statement.reset() }
        while try hasRow(statement) {}
    }

    /// The first row, as `read` takes it; nil if there is none.
    func first<Row>(_ sql: StaticString, _ values: SQLValue..., read: (Statement) -> Row) throws(Failure) -> Row? {
        let statement = try prepared(sql, values)
        defer { statement.reset() }
        return try hasRow(statement) ? read(statement) : nil
    }

    func rows<Row>(_ sql: StaticString, _ values: SQLValue..., read: (Statement) -> Row) throws(Failure) -> [Row] {
        let statement = try prepared(sql, values)
        defer { statement.reset() }
        var rows: [Row] = []
        while try hasRow(statement) {
            rows.append(read(statement))
            // The busy handler is not called while rows are read, so check for cancellation here.
            if rows.count % 1_024 == 0 && busy.isCancelled { throw .cancelled }
        }
        return rows
    }

    private func hasRow(_ statement: Statement) throws(Failure) -> Bool {
        switch statement.step() {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw failure(code)
        }
    }

    private func prepared(_ sql: StaticString, _ values: [SQLValue]) throws(Failure) -> Statement {
        let statement: Statement
        if let kept = statements[sql.utf8Start] { statement = kept } else { statement = try prepare(sql) }
        var index: Int32 = 0
        for value in values {
            index += 1
            let code = statement.bind(index, value)
            guard code == SQLITE_OK else {
                statement.reset()
                throw failure(code)
            }
        }
        return statement
    }

    private func prepare(_ sql: StaticString) throws(Failure) -> Statement {
        var made: OpaquePointer?
        let text = UnsafeRawPointer(sql.utf8Start).assumingMemoryBound(to: CChar.self)
        let code = sqlite3_prepare_v3(
            handle, text, Int32(sql.utf8CodeUnitCount), UInt32(SQLITE_PREPARE_PERSISTENT), &made, nil)
        guard code == SQLITE_OK, let made else { throw failure(code) }
        let statement = Statement(made)
        statements[sql.utf8Start] = statement
        return statement
    }

    private func failure(_ code: Int32) -> Failure {
        let isLocked = code & 0xFF == SQLITE_BUSY || code & 0xFF == SQLITE_LOCKED
        return isLocked && busy.isCancelled ? .cancelled : .sqlite(code, place)
    }
}

extension Connection {
    /// Runs `body` in a transaction that holds the write lock from its start: it happens as a whole or not at all.
    func transaction<Result>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        try execute("BEGIN IMMEDIATE")
        let result: Result
        do throws(Failure) { result = try body() } catch {
            rollBack()
            throw error
        }
        do throws(Failure) { try execute("COMMIT") } catch {
            let code = sqlite3_extended_errcode(handle)
            rollBack()
            // The log's last frame was written, then its sync failed. Nobody sees the transaction now, but after a crash
            // SQLite would find the frame complete, unless a later transaction was written over it.
            guard code == Failure.ioErrorInSync else { throw error }
            throw error.with {
                $0.outcome = .unknown
                $0.retryable = true
            }
        }
        return result
    }

    /// SQLite has done it by itself after some failures, a full disk for one: sqlite.org/lang_transaction.html
    private func rollBack() {
        guard sqlite3_get_autocommit(handle) == 0 else { return }
        do throws(Failure) { try execute("ROLLBACK") } catch { isBroken = true }
    }
}
