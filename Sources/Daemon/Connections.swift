import Glibc
import Support
import Synchronization

/// A client's connection, as the daemon watches it.
final class Connection: Sendable {
    fileprivate let socket: Int32
    /// Since when a whole request, or the reading of an answer, is waited for; monotonic milliseconds. `.max`: it is our turn.
    private let waitingSince = Atomic<Int64>(Clock.milliseconds)
    private let hasRequest = Atomic<Bool>(false)
    private let hasWholeRequest = Atomic<Bool>(false)

    init(_ socket: Int32) { self.socket = socket }

    /// A request's head has come.
    func requestBegan() { hasRequest.store(true, ordering: .relaxed) }

    /// The whole request has come.
    func requestCame() {
        hasWholeRequest.store(true, ordering: .relaxed)
        waitingSince.store(.max, ordering: .relaxed)
    }

    /// The answer is on its way.
    func requestAnswered() {
        hasWholeRequest.store(true, ordering: .relaxed)
        waitingSince.store(Clock.milliseconds, ordering: .relaxed)
    }

    /// The answer has gone, or the request is given up.
    func requestEnded() {
        waitingSince.store(Clock.milliseconds, ordering: .relaxed)
        hasWholeRequest.store(false, ordering: .relaxed)
        hasRequest.store(false, ordering: .relaxed)
    }

    /// Whether its client has gone before a request was whole. libmicrohttpd 0.9.75 does not notice where the end comes at once
    /// with data: its epoll is edge-triggered, and a short reading is the last.
    fileprivate func isAbandoned(at now: Int64) -> Bool {
        let age = now - min(since, now)
        guard !hasWholeRequest.load(ordering: .relaxed), Connections.abandonment.contains(age) else { return false }
        var byte: UInt8 = 0
        return recv(socket, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) == 0
    }

    fileprivate var since: Int64 { waitingSince.load(ordering: .relaxed) }
    fileprivate var isIdle: Bool { !hasRequest.load(ordering: .relaxed) }
}

/// All connections that are open. One that keeps us waiting too long is closed, however busily it drips.
final class Connections: @unchecked Sendable {
    /// Milliseconds within which a whole request must have come, or an answer gone. *Ours.*
    static let longestWait: Int64 = 60_000
    /// How long ago a connection was used whose client may have gone unnoticed: not asked for the idle ones again and again.
    fileprivate static let abandonment: Range<Int64> = 1_000..<4_000

    private let most: Int
    private let mutex = Mutex()
    private var open: [ObjectIdentifier: Connection] = [:]

    /// `most`: how many there can be.
    init(most: Int) { self.most = most }

    var count: Int { mutex.locked { open.count } }

    func add(_ connection: Connection) { mutex.locked { open[ObjectIdentifier(connection)] = connection } }

    /// Called before the socket is closed: none that is listed here is another connection's already.
    func remove(_ connection: Connection) { mutex.locked { _ = open.removeValue(forKey: ObjectIdentifier(connection)) } }

    /// Closes those that have been waited for too long; as soon as few more could come, the ones that waited longest.
    func sweep() {
        mutex.locked {
            let now = Clock.milliseconds
            for connection in open.values where connection.since < now - Self.longestWait || connection.isAbandoned(at: now) {
                shutdown(connection.socket, Int32(SHUT_RDWR))
            }
            guard open.count > most - most / 8 else { return }
            let idlest = open.values.filter { $0.since < .max }.sorted { $0.since < $1.since }
            for connection in idlest.prefix(most / 8) { shutdown(connection.socket, Int32(SHUT_RDWR)) }
        }
    }

    /// Lets no more requests begin. What the kernel has received is still read and answered.
    func endIdle() {
        mutex.locked { for connection in open.values where connection.isIdle { shutdown(connection.socket, Int32(SHUT_RD)) } }
    }
}
