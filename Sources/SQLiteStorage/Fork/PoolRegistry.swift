import CSQLite
import Glibc
import Support
import Synchronization

/// All pools of this process, so that a child can close the connections that it inherited.
///
/// SQLite's table of locks is inherited with the memory, while the locks belong to the parent: a child that opens a file while
/// an inherited connection to it exists takes locks for held that it does not hold. So a child closes all of them first. It
/// cannot do so if a thread of its parent was using one: then opening the file is rejected.
enum PoolRegistry {
    private static let fork = ForkGuard()
    private static let pools = Locked<[ConnectionPool]>([])
    /// False in a child for good, if a thread of its parent was inside SQLite or this registry at the fork and holds its lock.
    private static let isUsable = Atomic<Bool>(true)

    /// Makes a pool and puts it on the list, before it has a connection to a file.
    static func add(_ make: () throws(Failure) -> ConnectionPool) throws(Failure) -> ConnectionPool {
        try withLock { pools throws(Failure) in
            let pool = try make()
            if let file = pool.file { try claim(file, pools) }
            pools.append(pool)
            return pool
        }
    }

    /// In a child: takes over a pool of the parent, and all others of that file. Does nothing for the process's own.
    static func claim(_ pool: ConnectionPool) throws(Failure) {
        if pool.fork.isOwned { return }
        guard let file = pool.file else {
            throw .storage("an in-memory service does not survive fork: open a new one")
        }
        try withLock { pools throws(Failure) in try claim(file, pools) }
    }

    /// Closes a pool's connections and takes it off the list. A child leaves what it cannot close.
    static func close(_ pool: ConnectionPool) {
        do throws(Failure) {
            if pool.fork.isOwned { pool.closeAll() }
            try withLock { pools throws(Failure) in
                if !pool.fork.isOwned {
                    guard pool.isQuiescent, inherited(pool.file, pools).allSatisfy({ $0.isQuiescent }) else { return }
                    // Within the lock, so that no other thread claims the file meanwhile.
                    pool.closeAll()
                }
                pools.removeAll { $0 === pool }
            }
        } catch {
            return  // A lock of SQLite or of the registry is held for good in this child.
        }
    }

    /// Takes over every inherited pool of the file.
    private static func claim(_ file: DatabaseFile, _ pools: [ConnectionPool]) throws(Failure) {
        let inherited = inherited(file, pools)
        guard inherited.allSatisfy({ $0.isQuiescent }) else { throw busy(file.path) }
        // All are closed before the first is opened again.
        for pool in inherited { pool.closeAll() }
        for pool in inherited { try pool.fork.claim { () throws(Failure) in try pool.takeOver() } }
    }

    private static func inherited(_ file: DatabaseFile?, _ pools: [ConnectionPool]) -> [ConnectionPool] {
        guard let file else { return [] }
        return pools.filter { $0.file?.id == file.id && !$0.fork.isOwned }
    }

    private static func withLock<Result>(
        _ body: (inout [ConnectionPool]) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try fork.claim { () throws(Failure) in
            isUsable.store(pools.tryWithLock { _ in } != nil && sqliteLocksAreFree(), ordering: .releasing)
        }
        guard isUsable.load(ordering: .acquiring) else { throw busy("SQLite") }
        return try pools.withLock(body)
    }

    /// SQLite's static mutexes are numbered: sqlite.org/c3ref/mutex_alloc.html. Another thread of this process may hold one for a
    /// moment.
    private static func sqliteLocksAreFree() -> Bool {
        (SQLITE_MUTEX_STATIC_MAIN...SQLITE_MUTEX_STATIC_VFS3).allSatisfy { number in
            guard let mutex = sqlite3_mutex_alloc(number) else { return true }
            for _ in 0..<50 {
                if sqlite3_mutex_try(mutex) == SQLITE_OK {
                    sqlite3_mutex_leave(mutex)
                    return true
                }
                usleep(1_000)
            }
            return false
        }
    }

    private static func busy(_ what: String) -> Failure {
        Failure(.internalError, "another thread was using \(what) when the process forked: fork when no call is running, or exec")
    }
}
