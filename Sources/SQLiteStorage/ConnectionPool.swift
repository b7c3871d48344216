import CSQLite
import Glibc
import Synchronization
import Waiting
import WebhookModel

/// The connections of one storage. Each is used by one thread at a time; further ones are made when all are in use.
final class ConnectionPool: @unchecked Sendable {
    /// Connections kept for the next calls; a thread that comes to more makes its own and closes it.
    private static let mostIdle = 16

    /// Nil: the database is in memory, in its only connection.
    let file: DatabaseFile?
    /// The process that the connections were made in.
    private let process = Atomic<pid_t>(getpid())
    private var mutex = Mutex()
    private var idle: [Connection] = []
    private var inUse = 0
    private(set) var writers = WriterQueue()

    /// A new database in memory.
    init() throws(Failure) {
        file = nil
        let memory = try Connection(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, place: "the database in memory")
        try Schema.prepare(memory)
        idle.append(memory)
    }

    init(_ file: DatabaseFile) { self.file = file }

    var place: String { file?.path ?? "the database in memory" }

    var isOfThisProcess: Bool { process.load(ordering: .acquiring) == getpid() }

    /// Lends a connection; `giveBack` ends it.
    func borrow(_ call: Call?, until deadline: Deadline? = nil) throws(Failure) -> Connection {
        let kept = mutex.locked {
            inUse += 1
            return idle.popLast()
        }
        if let kept {
            kept.begin(call, until: deadline)
            return kept
        }
        do throws(Failure) {
            guard let file else { throw .fault("the database in memory is in use") }
            let made = try file.connect(call, until: deadline ?? Deadline(in: BusyWait.longest))
            made.begin(call, until: deadline)
            return made
        } catch {
            mutex.locked { inUse -= 1 }
            throw error
        }
    }

    func giveBack(_ connection: Connection) {
        connection.begin(nil)
        let isKept = mutex.locked {
            let isKept = !connection.isBroken && (idle.count < Self.mostIdle || file == nil)
            if isKept { idle.append(connection) }
            inUse -= 1
            return isKept
        }
        if !isKept { connection.close() }
    }

    /// Closes the idle connections; in the process that made them as SQLite does it, with a checkpoint at the last.
    func closeIdle() {
        let closing = mutex.locked {
            defer { idle.removeAll() }
            return idle
        }
        for connection in closing { connection.close(keepingLog: !isOfThisProcess) }
    }

    // MARK: In a child, under the lock of `OpenPools`

    /// Whether no thread of the parent was using a connection at the fork, so that all can be closed. Those threads are
    /// not in this process: a lock of theirs is never given back, so none is waited for.
    var isAtRest: Bool {
        guard mutex.tryLock() else { return false }
        defer { mutex.unlock() }
        return inUse == 0
    }

    /// The pool, at rest and empty now, belongs to this process. What its queue held belonged to threads of the parent.
    func adopt() {
        mutex = Mutex()
        writers = WriterQueue()
        process.store(getpid(), ordering: .releasing)
    }
}
