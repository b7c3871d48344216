import Glibc
import Synchronization
import WebhookModel

/// All pools of this process whose database is a file, so that a child can find the connections that it inherited.
///
/// SQLite's table of locks is inherited with the memory, while the locks belong to the parent: a child that opens a file
/// while an inherited connection to it is still there takes locks for held that it does not hold. So a child closes all of
/// them first. It cannot do so while a thread of its parent was using one: then the file is refused.
enum OpenPools {
    static func add(_ pool: ConnectionPool) {
        ProcessLock.locked { replace(snapshot() + [pool]) }
    }

    /// Takes the pool out and closes its connections. A child that cannot close them leaves them.
    static func close(_ pool: ConnectionPool) {
        let isClosable = ProcessLock.locked {
            let isClosable = pool.isOfThisProcess || pool.isAtRest
            if isClosable { replace(snapshot().filter { $0 !== pool }) }
            return isClosable
        }
        if isClosable { pool.closeIdle() }
    }

    /// In a child: closes every inherited connection to the file. Does nothing in the process that made them.
    static func settle(_ file: DatabaseFile) throws(Failure) {
        try ProcessLock.locked { () throws(Failure) in
            let inherited = snapshot().filter { $0.file?.identity == file.identity && !$0.isOfThisProcess }
            guard inherited.allSatisfy(\.isAtRest) else {
                throw Failure(
                    .internalError, "\(file.path) was in use by another thread when the process forked: exec, or fork earlier")
            }
            for pool in inherited { pool.closeIdle() }
            for pool in inherited { pool.adopt() }
        }
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

/// One lock for the process. A child gets a new one: the parent's may be held by a thread that the child does not have.
private enum ProcessLock {
    private final class Holder: Sendable {
        let process = getpid()
        let mutex = Mutex()
    }

    private static let current = Atomic<Unmanaged<Holder>?>(nil)

    static func locked<Result, Thrown: Error>(_ body: () throws(Thrown) -> Result) throws(Thrown) -> Result {
        try holder().mutex.locked(body)
    }

    private static func holder() -> Holder {
        let found = current.load(ordering: .acquiring)
        if let holder = found?.takeUnretainedValue(), holder.process == getpid() { return holder }
        let made = Unmanaged.passRetained(Holder())
        // The parent's is left as it is: its threads may be inside.
        let result = current.compareExchange(expected: found, desired: made, ordering: .acquiringAndReleasing)
        if result.exchanged { return made.takeUnretainedValue() }
        made.release()
        return holder()
    }
}
