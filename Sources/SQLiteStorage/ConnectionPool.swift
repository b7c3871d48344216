import CSQLite
import Glibc
import Support
import Synchronization

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
    /// Calls that have a connection, or are making or closing one.
    private var inUse = 0
    private var lent: [Connection] = []
    private(set) var writers = WriterQueue()

    /// A new database in memory.
    init() throws(Failure) {
        file = nil
        let memory = try Connection(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, place: "the database in memory")
        try Schema.prepare(memory)
        idle.append(memory)
    }

    /// Without a connection yet.
    init(_ file: DatabaseFile) { self.file = file }

    var place: String { file?.path ?? "the database in memory" }

    var isOfThisProcess: Bool { process.load(ordering: .acquiring) == getpid() }

    /// Lends a connection; `giveBack` ends it.
    func borrow(_ call: Call?, until deadline: Deadline? = nil) throws(Failure) -> Connection {
        let kept = mutex.locked {
            inUse += 1
            if let kept = idle.popLast() {
                lent.append(kept)
                return kept as Connection?
            }
            return nil
        }
        if let kept {
            kept.begin(call, until: deadline)
            return kept
        }
        do throws(Failure) {
            guard let file else { throw .fault("the database in memory is in use") }
            let made = try file.connect(call, until: deadline ?? Deadline(in: BusyWait.longest))
            made.begin(call, until: deadline)
            mutex.locked { lent.append(made) }
            return made
        } catch {
            mutex.locked { inUse -= 1 }
            throw error
        }
    }

    func giveBack(_ connection: Connection) {
        connection.begin(nil)
        let isKept = mutex.locked {
            if let index = lent.lastIndex(where: { $0 === connection }) { lent.remove(at: index) }
            guard !connection.isBroken && (idle.count < Self.mostIdle || file == nil) else { return false }
            idle.append(connection)
            inUse -= 1
            return true
        }
        if isKept { return }
        connection.close()
        mutex.locked { inUse -= 1 }
    }

    /// Closes all connections; in the process that made them as SQLite does it, with a checkpoint at the last. Until they
    /// are closed they count as used: a fork may come in between.
    func closeAll() {
        let closing = mutex.locked {
            let closing = idle + lent
            inUse += idle.count
            idle.removeAll()
            lent.removeAll()
            return closing
        }
        for connection in closing { connection.close(keepingLog: !isOfThisProcess) }
        mutex.locked { inUse -= closing.count }
    }

    // MARK: In a child, under `ProcessLock`

    /// Whether all connections can be closed: no thread of the parent was using one at the fork, or it was only waiting.
    /// Those threads are not in this process: a lock of theirs is never given back, so none is waited for.
    var isAtRest: Bool {
        guard mutex.tryLock() else { return false }
        defer { mutex.unlock() }
        return inUse == lent.count && lent.allSatisfy({ $0.isWaiting })
    }

    /// The pool, at rest and empty now, belongs to this process. What its queue held belonged to threads of the parent.
    func adopt() {
        mutex = Mutex()
        writers = WriterQueue()
        process.store(getpid(), ordering: .releasing)
    }
}
