import CSQLite
import Support

/// The connections of one storage. Each is used by one thread at a time; further ones are made when all are in use.
final class ConnectionPool: Sendable {
    /// Connections kept for the next calls; a thread that finds none makes its own and closes it.
    private static let maximumIdle = 16

    private struct State {
        var idle: [Connection] = []
        var lent: [Connection] = []
        /// Calls that have a connection, or are making or closing one.
        var inUse = 0
        var fileLock: FileLock?
        /// SQLite itself waits by sleeping at random: among many threads one could starve.
        var writer = FairSemaphore(permits: 1)
    }

    /// Nil: the database is in memory, in its only connection.
    let file: DatabaseFile?
    /// The process that may use the connections.
    let fork = ForkGuard()
    private let state: Locked<State>

    /// A new database in memory.
    static func inMemory() throws(Failure) -> ConnectionPool {
        let memory = try Connection(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, place: "the database in memory")
        try Schema.current.prepare(memory)
        return ConnectionPool(nil, idle: [memory])
    }

    /// Without a connection to the file yet.
    init(_ file: DatabaseFile?, idle: [Connection] = []) {
        self.file = file
        state = Locked(State(idle: idle))
    }

    /// Makes the file a database, and its first connection.
    func open(until deadline: Deadline) throws(Failure) {
        guard let file else { return }
        // This one may have been made before the lock was taken, so it is not kept.
        try file.connect(nil, until: deadline).close(keepingLog: true)
        try lockFile()
        giveBack(try borrow(nil, until: deadline))
    }

    private func lockFile() throws(Failure) {
        guard let file else { return }
        let lock = try FileLock(file)
        state.withLock { $0.fileLock = lock }
    }

    var place: String { file?.path ?? "the database in memory" }

    var writer: FairSemaphore { state.withLock { $0.writer } }

    /// Lends a connection; `giveBack` ends it.
    func borrow(_ call: Call?, until deadline: Deadline) throws(Failure) -> Connection {
        let kept: Connection? = state.withLock { state in
            state.inUse += 1
            guard let kept = state.idle.popLast() else { return nil }
            state.lent.append(kept)
            return kept
        }
        if let kept {
            kept.begin(call, until: deadline)
            return kept
        }
        do throws(Failure) {
            guard let file else { throw .fault("the database in memory is in use") }
            let made = try file.connect(call, until: deadline)
            state.withLock { $0.lent.append(made) }
            return made
        } catch {
            state.withLock { $0.inUse -= 1 }
            throw error
        }
    }

    func giveBack(_ connection: Connection) {
        connection.begin(nil, until: .never)
        let isKept = state.withLock { state in
            if let index = state.lent.lastIndex(where: { $0 === connection }) { state.lent.remove(at: index) }
            guard !connection.isBroken && (state.idle.count < Self.maximumIdle || file == nil) else { return false }
            state.idle.append(connection)
            state.inUse -= 1
            return true
        }
        if isKept { return }
        connection.close()
        state.withLock { $0.inUse -= 1 }
    }

    /// Closes all connections. In the process that made them the last one writes the log into the file and deletes it. Until
    /// they are closed they count as used: a fork may come in between.
    func closeAll() {
        let isOwned = fork.isOwned
        let (closing, lock) = state.withLock { state in
            let closing = state.idle + state.lent
            state.inUse += state.idle.count
            state.idle.removeAll()
            state.lent.removeAll()
            return (closing, state.fileLock)
        }
        // SQLite keeps the log of a file that was moved. The next program would take it for the log of the file in its place.
        if isOwned && file?.isInPlace == false { closing.first?.emptyLog() }
        if isOwned { lock?.unlock() }
        for connection in closing { connection.close(keepingLog: !isOwned) }
        lock?.close()
        state.withLock { state in
            state.inUse -= closing.count
            state.fileLock = nil
        }
    }

    // MARK: In a child, for `PoolRegistry`

    /// True if all connections can be closed: no thread of the parent was using one at the fork, or it was only waiting. Those
    /// threads do not exist in this process and never release a lock, so none is waited for.
    var isQuiescent: Bool {
        state.tryWithLock { state in state.inUse == state.lent.count && state.lent.allSatisfy({ $0.isWaiting }) } ?? false
    }

    /// Closes what was inherited. Threads of the parent may be in the queue of its writers, so there is a new one.
    func takeOver() throws(Failure) {
        closeAll()
        state.withLock { $0.writer = FairSemaphore(permits: 1) }
        try lockFile()
    }
}
