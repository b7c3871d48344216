import Glibc
import Synchronization
import Testing

/// A proxy of a server's socket that once loses a commit: it ends the connection when the client sends one.
final class Proxy: Sendable {
    enum Loss: Sendable, CaseIterable {
        /// The server never gets the commit.
        case beforeTheServer
        /// The server commits, its answer is lost.
        case afterTheServer
        /// The server gets the commit long after the client has lost the connection.
        case late
    }

    /// Holds the socket that clients connect to.
    let folder: String
    private let server: String
    private let listener: Int32
    private let loss: Loss
    private let isArmed = Atomic<Bool>(false)
    private static let port = ".s.PGSQL.5432"

    init(to folder: String, losing loss: Loss) throws {
        server = folder + "/" + Self.port
        self.loss = loss
        var template = Array("/tmp/d360-proxy-XXXXXX".utf8CString)
        self.folder = String(cString: try #require(mkdtemp(&template)))
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let bound = Self.withAddress(self.folder + "/" + Self.port) { bind(listener, $0, $1) }
        try #require(bound == 0 && listen(listener, 16) == 0)
        _ = thread { [self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                _ = thread { self.serve(client) }
            }
        }
    }

    /// From now on the next commit is lost.
    func arm() { isArmed.store(true, ordering: .releasing) }

    var hasLost: Bool { !isArmed.load(ordering: .acquiring) }

    func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        Glibc.close(listener)
        unlink(folder + "/" + Self.port)
        rmdir(folder)
    }

    private func serve(_ client: Int32) {
        let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { Glibc.close(server) }
        guard Self.withAddress(self.server, { connect(server, $0, $1) }) == 0 else { return _ = Glibc.close(client) }
        var sides = [
            pollfd(fd: client, events: Int16(POLLIN), revents: 0), pollfd(fd: server, events: Int16(POLLIN), revents: 0),
        ]
        var isLosing = false
        while poll(&sides, 2, -1) > 0 {
            if sides[0].revents != 0 {
                guard let bytes = Self.receive(client) else { break }
                if Self.commits(bytes), isArmed.exchange(false, ordering: .acquiringAndReleasing) {
                    isLosing = true
                    if loss == .beforeTheServer { break }
                    if loss == .late {
                        Glibc.close(client)
                        usleep(500_000)
                        Self.send(bytes, to: server)
                        _ = Self.receive(server)
                        return
                    }
                }
                Self.send(bytes, to: server)
            }
            if sides[1].revents != 0 {
                guard let bytes = Self.receive(server), !isLosing else { break }
                Self.send(bytes, to: client)
            }
        }
        Glibc.close(client)
    }

    /// True if it prepares COMMIT, as the first commit of a connection does.
    private static func commits(_ bytes: [UInt8]) -> Bool {
        let wanted = Array("\0COMMIT\0".utf8)
        return bytes.indices.contains { bytes[$0...].starts(with: wanted) }
    }

    private static func receive(_ socket: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = read(socket, &bytes, bytes.count)
        return count > 0 ? Array(bytes.prefix(count)) : nil
    }

    private static func send(_ bytes: [UInt8], to socket: Int32) {
        _ = bytes.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    private static func withAddress<Result>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }
}
