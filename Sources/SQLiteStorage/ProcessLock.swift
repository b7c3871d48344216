import CSQLite
import Glibc
import Support
import Synchronization

/// One lock for the process. A child gets a new one: the parent's may be held by a thread that the child does not have.
enum ProcessLock {
    final class Holder: Sendable {
        fileprivate let process = getpid()
        fileprivate let mutex = Mutex()
        /// False in a child for good, if a thread of its parent was inside SQLite at the fork and holds one of SQLite's locks.
        let canUseSQLite: Bool

        fileprivate init(inherited: Bool) { canUseSQLite = !inherited || Self.locksAreFree() }

        /// SQLite's static mutexes are numbered: sqlite.org/c3ref/mutex_alloc.html. Another thread of this process may hold
        /// one for a moment.
        private static func locksAreFree() -> Bool {
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
    }

    static func locked<Result, Thrown: Error>(_ body: (Holder) throws(Thrown) -> Result) throws(Thrown) -> Result {
        let holder = holder()
        return try holder.mutex.locked { () throws(Thrown) in try body(holder) }
    }

    private static let current = Atomic<Unmanaged<Holder>?>(nil)

    private static func holder() -> Holder {
        let found = current.load(ordering: .acquiring)
        if let holder = found?.takeUnretainedValue(), holder.process == getpid() { return holder }
        let made = Unmanaged.passRetained(Holder(inherited: found != nil))
        // The parent's is left as it is: its threads may be inside.
        let result = current.compareExchange(expected: found, desired: made, ordering: .acquiringAndReleasing)
        if result.exchanged { return made.takeUnretainedValue() }
        made.release()
        return holder()
    }
}
