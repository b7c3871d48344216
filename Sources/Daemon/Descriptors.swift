import Glibc
import Support

/// How many files and connections the process may have open.
enum Descriptors {
    /// As many connections as there can be.
    static func connections(threads: Int) throws(Failure) -> Int {
        let reserved = reserved(threads: threads)
        let most = raiseLimit() - reserved
        let least = 16
        guard most >= least else {
            throw Failure(
                .internalError, "the limit of open files leaves no room for connections: raise it to \(reserved + least) at least"
            )
        }
        return most
    }

    /// Raises the limit as far as is allowed, and returns it. More than so many connections would need more memory than
    /// anybody means to give to them.
    private static func raiseLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(limit.rlim_cur)
    }

    /// What is kept for the storage and for the daemon itself: a thread has at most three files of a database open.
    private static func reserved(threads: Int) -> Int { 32 + threads * (1 + Server.workersPerThread) * 4 }
}
