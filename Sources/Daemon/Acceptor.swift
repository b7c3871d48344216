import CMicrohttpd
import Glibc
import Support

/// Accepts connections and hands them to libmicrohttpd.
///
/// libmicrohttpd is not given the listening sockets: MHD_quiesce_daemon (0.9.75) and the worker threads both take them out of
/// the workers' epoll sets, and the one that comes second aborts the process.
final class Acceptor: Sendable {
    /// Pause before the next attempt if there is no descriptor or no room for a connection.
    private static let pause: UInt32 = 100_000

    private let thread: Thread
    /// The thread ends once this is closed.
    private let wakeUp: Int32

    /// Takes over the sockets, which do not block. `hasRoom` says whether one more connection may be open; `add` takes over an
    /// accepted one.
    init(
        _ listening: [Int32], hasRoom: @escaping @Sendable () -> Bool, makeRoom: @escaping @Sendable () -> Void,
        add: @escaping @Sendable (Int32, UnsafePointer<sockaddr>, socklen_t) -> Void
    ) throws(Failure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure(.internalError, "cannot create a pipe") }
        let (end, wakeUp) = (ends[0], ends[1])
        let thread = Thread {
            var polled = (listening + [end]).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            while true {
                poll(&polled, nfds_t(polled.count), -1)
                let isLast = polled.last?.revents != 0
                // Clients in the backlog believe that they are connected: their requests have begun.
                for socket in listening { Self.acceptBacklog(socket, isLast ? { true } : hasRoom, add) }
                if isLast { break }
                if !hasRoom() {
                    makeRoom()
                    usleep(Self.pause)
                }
            }
            for socket in listening + [end] { close(socket) }
        }
        guard let thread else { throw Failure(.internalError, "cannot create a thread") }
        self.thread = thread
        self.wakeUp = wakeUp
    }

    /// Accepts what is in the backlog, then closes the listening sockets: new clients cannot connect.
    func stop() {
        close(wakeUp)
        thread.join()
    }

    private static func acceptBacklog(
        _ listening: Int32, _ hasRoom: () -> Bool, _ add: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Void
    ) {
        while hasRoom() {
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let isAccepted = withUnsafeMutableBytes(of: &storage) { bytes -> Bool in
                guard let address = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
                let socket = d360_accept(listening, address, &length)
                if socket >= 0 { add(socket, address, length) }
                return socket >= 0 || errno == ECONNABORTED || errno == EINTR
            }
            if isAccepted { continue }
            if errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM { usleep(pause) }
            return
        }
    }
}
