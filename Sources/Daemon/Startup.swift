import CSQLite
import EmbeddedService
import PostgreSQLStorage
import SQLiteStorage
import Support
import WebhookModel

/// From a command line to a server that listens.
struct Startup {
    private let arguments: Arguments
    private let log: LogWriter
    private let isRemote: Bool

    init(_ arguments: Arguments, _ log: LogWriter) {
        self.arguments = arguments
        self.log = log
        isRemote = ["postgresql:", "postgres:"].contains { arguments.service.utf8.starts(with: $0.utf8) }
    }

    func server() throws(Failure) -> Server {
        let address = try SocketAddress(arguments.listen)
        let tls = try tls()
        guard address.isLoopback || tls != nil || arguments.isInsecureAllowed else {
            throw Failure(
                .invalidArgument,
                "\(arguments.listen) is beyond loopback, where keys would be readable: give --tls-cert and --tls-key, or --insecure-listen"
            )
        }
        let token = try adminToken()
        let service = EmbeddedService(try storage(), options: arguments.options)
        if let path = arguments.channels {
            let call = Call(settings: CallSettings(), cancellation: Cancellation().token, log: Log())
            let count = try ChannelsFile.load(path, into: service, call: call)
            log.write(.info, "\(count) channels of \(path) are registered")
        }
        let resources = Resource.all(withAdmin: token != nil)
        let application = Application(
            service, readingsMayWait: isRemote, policy: arguments.policy, adminToken: token,
            metrics: Metrics(operations: resources.flatMap { $0.endpoints.map(\.name) }), log: log)
        let server = try Server(
            application, router: Router(resources), on: address.listen(), tls: tls, threads: arguments.threads,
            logsRequests: arguments.logsRequests, log: log)
        let host = arguments.listen.utf8.lastIndex(of: UInt8(ascii: ":")).map { arguments.listen[..<$0] } ?? ""
        log.write(.info, "listening on \(tls == nil ? "http" : "https")://\(host):\(server.port)")
        return server
    }

    private func storage() throws(Failure) -> any Storage {
        if isRemote {
            return try PostgreSQLStorage(arguments.service, connections: arguments.threads * Server.workersPerThread)
        }
        guard let location = try DatabaseLocation(serviceURL: arguments.service) else {
            throw Failure(.invalidArgument, "--service must be sqlite:FILE, sqlite::memory: or postgresql://…")
        }
        _ = d360_sqlite_keep_no_statistics()
        return try SQLiteStorage(location)
    }

    private func adminToken() throws(Failure) -> AdminToken? {
        guard let path = arguments.adminTokenFile else { return nil }
        let file = try TextFile(path, most: 4_096)
        if file.isReadableByOthers {
            log.write(.warning, "\(path) can be read by other users: chmod 600 \(path)")
        }
        return try AdminToken(file: file)
    }

    private func tls() throws(Failure) -> Server.TLS? {
        guard let certificate = arguments.certificate, let key = arguments.key else { return nil }
        let most = 1_048_576
        let file = try TextFile(key, most: most)
        if file.isReadableByOthers { log.write(.warning, "\(key) can be read by other users: chmod 600 \(key)") }
        return Server.TLS(certificate: try TextFile(certificate, most: most), key: file)
    }
}
