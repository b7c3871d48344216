import Glibc
import Support
import Synchronization

/// A client's connection, as the daemon watches it.
final class TrackedConnection: Sendable {
    fileprivate let socket: Int32
    /// Since when we wait for a whole request, or for the client to read an answer; monotonic milliseconds. `.max` while the
    /// client waits for us.
    private let waitingSince = Atomic<Int64>(now)
    private enum Phase: Int { case idle, incomplete, complete }
    private let phase = Atomic(Phase.idle.rawValue)

    init(_ socket: Int32) { self.socket = socket }

    /// A request's head has come.
    func requestBegan() { phase.store(Phase.incomplete.rawValue, ordering: .relaxed) }

    /// The whole request has come.
    func requestCame() { enter(.complete, since: .max) }

    /// The answer is on its way.
    func requestAnswered() { enter(.complete, since: Self.now) }

    /// The answer has gone, or the request was given up.
    func requestEnded() { enter(.idle, since: Self.now) }

    private func enter(_ next: Phase, since moment: Int64) {
        waitingSince.store(moment, ordering: .relaxed)
        phase.store(next.rawValue, ordering: .relaxed)
    }

    /// True if its client has gone before a request was whole. libmicrohttpd 0.9.75 does not notice that if the end comes
    /// together with data: its epoll is edge-triggered, and it does not read again after a short read.
    fileprivate func isAbandoned(at now: Int64) -> Bool {
        let age = now - min(since, now)
        guard phase.load(ordering: .relaxed) != Phase.complete.rawValue, Connections.abandonment.contains(age) else {
            return false
        }
        var byte: UInt8 = 0
        return recv(socket, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) == 0
    }

    fileprivate static var now: Int64 { Clock.monotonic.milliseconds }
    fileprivate var since: Int64 { waitingSince.load(ordering: .relaxed) }
    fileprivate var isIdle: Bool { phase.load(ordering: .relaxed) == Phase.idle.rawValue }
}

/// All open connections. One that keeps us waiting too long is closed, even if it sends a byte now and then.
final class Connections: Sendable {
    /// Milliseconds within which a whole request must come, or an answer be read.
    private static let longestWait: Int64 = 60_000
    /// Milliseconds since the last use during which a connection is checked for a client that left.
    fileprivate static let abandonment: Range<Int64> = 1_000..<4_000

    let maximum: Int
    private let open = Locked([ObjectIdentifier: TrackedConnection]())
    /// Accepted connections that are not listed yet.
    private let arriving = Atomic<Int>(0)

    init(maximum: Int) { self.maximum = maximum }

    var count: Int { arriving.load(ordering: .acquiring) + open.withLock { $0.count } }

    /// One is accepted: it will be added, or does not arrive.
    func willArrive() { arriving.add(1, ordering: .acquiringAndReleasing) }
    func didArrive() { arriving.subtract(1, ordering: .acquiringAndReleasing) }

    func add(_ connection: TrackedConnection) { open.withLock { $0[ObjectIdentifier(connection)] = connection } }

    /// Called before the socket is closed, so that no listed number is another connection's.
    func remove(_ connection: TrackedConnection) { open.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(connection)) } }

    /// Closes the connections that keep us waiting too long; if few more can be opened, those that have waited longest.
    func sweep() {
        open.withLock { open in
            let now = TrackedConnection.now
            for connection in open.values where connection.since < now - Self.longestWait || connection.isAbandoned(at: now) {
                shutdown(connection.socket, Int32(SHUT_RDWR))
            }
            guard open.count > maximum - maximum / 8 else { return }
            let idlest = open.values.filter { $0.since < .max }.sorted { $0.since < $1.since }
            for connection in idlest.prefix(maximum / 8) { shutdown(connection.socket, Int32(SHUT_RDWR)) }
        }
    }

    /// Lets no more requests begin. What the kernel has received is still read and answered.
    func endIdle() {
        open.withLock { open in
            for connection in open.values where connection.isIdle { shutdown(connection.socket, Int32(SHUT_RD)) }
        }
    }
}

extension Connections {
    /// As many as the limit of open files allows.
    static func limit(threads: Int) throws(Failure) -> Int {
        // For the storage and for the daemon itself: a thread has at most three files of a database open.
        let reserved = 32 + threads * (1 + Server.workersPerThread) * 4
        let most = raiseLimit() - reserved
        let least = 16
        guard most >= least else {
            throw Failure(
                .internalError, "the limit of open files leaves no room for connections: raise it to \(reserved + least) at least"
            )
        }
        return most
    }

    /// Raises the limit as far as is allowed, and returns it. It is bounded for the memory that the connections need.
    private static func raiseLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(limit.rlim_cur)
    }
}
