import Support
import Synchronization

/// All pools of this process, so that a child can find the connections that it inherited.
///
/// SQLite's table of locks is inherited with the memory, while the locks belong to the parent: a child that opens a file
/// while an inherited connection to it is still there takes locks for held that it does not hold. So a child closes all of
/// them first. It cannot do so while a thread of its parent was using one: then the file is refused.
enum OpenPools {
    /// Makes a pool and puts it on the list, before it has a connection to a file.
    static func add(_ make: () throws(Failure) -> ConnectionPool) throws(Failure) -> ConnectionPool {
        try ProcessLock.locked { holder throws(Failure) in
            guard holder.canUseSQLite else { throw busy("SQLite") }
            let pool = try make()
            if let file = pool.file { try settle(file) }
            replace(snapshot() + [pool])
            return pool
        }
    }

    /// Closes a pool's connections and takes it off the list. A child leaves what it cannot close.
    static func close(_ pool: ConnectionPool) {
        let isClosable = ProcessLock.locked { holder in
            if pool.isOfThisProcess { return true }
            let others = pool.file.map { inherited($0) } ?? []
            guard holder.canUseSQLite, pool.isAtRest, others.allSatisfy({ $0.isAtRest }) else { return false }
            // At once, so that no other thread settles the file meanwhile.
            pool.closeAll()
            replace(snapshot().filter { $0 !== pool })
            return false
        }
        guard isClosable else { return }
        pool.closeAll()
        ProcessLock.locked { _ in replace(snapshot().filter { $0 !== pool }) }
    }

    /// In a child: makes a pool of its parent its own, and all others of that file. Does nothing for its own.
    static func settle(_ pool: ConnectionPool) throws(Failure) {
        guard let file = pool.file else {
            throw .storage("an in-memory service does not survive fork; open a new one")
        }
        try ProcessLock.locked { holder throws(Failure) in
            guard holder.canUseSQLite else { throw busy("SQLite") }
            try settle(file)
        }
    }

    /// Closes every inherited connection to the file.
    private static func settle(_ file: DatabaseFile) throws(Failure) {
        let inherited = inherited(file)
        guard inherited.allSatisfy({ $0.isAtRest }) else { throw busy(file.path) }
        for pool in inherited { pool.closeAll() }
        for pool in inherited { pool.adopt() }
    }

    private static func inherited(_ file: DatabaseFile) -> [ConnectionPool] {
        snapshot().filter { $0.file?.identity == file.identity && !$0.isOfThisProcess }
    }

    private static func busy(_ what: String) -> Failure {
        Failure(.internalError, "another thread was using \(what) when the process forked: fork when no call is running, or exec")
    }

    /// The list is replaced, never changed: a child finds it whole, even if a thread of its parent was replacing it.
    private final class Snapshot: Sendable {
        let pools: [ConnectionPool]
        init(_ pools: [ConnectionPool]) { self.pools = pools }
    }

    private static let current = Atomic<Unmanaged<Snapshot>?>(nil)

    private static func snapshot() -> [ConnectionPool] {
        current.load(ordering: .acquiring)?.takeUnretainedValue().pools ?? []
    }

    private static func replace(_ pools: [ConnectionPool]) {
        current.exchange(Unmanaged.passRetained(Snapshot(pools)), ordering: .acquiringAndReleasing)?.release()
    }
}
