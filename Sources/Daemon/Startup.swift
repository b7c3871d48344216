import EmbeddedService
import JSON
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

    /// A server that listens, and its port.
    func server() throws(Failure) -> (Server, port: UInt16) {
        let addresses = try ListenAddress.all(of: arguments.listen)
        let tls = try tls()
        guard addresses.allSatisfy(\.isLoopback) || tls != nil || arguments.isInsecureAllowed else {
            throw Failure(
                .invalidArgument,
                "\(arguments.listen) is not a loopback address, and keys would be readable: give --tls-cert and --tls-key, or --insecure-listen"
            )
        }
        let token = try arguments.adminTokenFile.map { path throws(Failure) in try AdminToken(file: secret(path, most: 4_096)) }
        let service = EmbeddedService(try storage(), options: arguments.options)
        let initial =
            try arguments.channels.map { path throws(Failure) in try initialState(path) } ?? InitialState()
        let call = Call(settings: CallSettings(), cancellation: Cancellation().token, log: Log())
        if let path = arguments.channels {
            try service.load(initial, replacing: false, call: call)
            log.write(.info, "\(initial.channels.count) channels of \(path) are registered")
        }
        let application = application(service, initial, token)
        let listening = try ListenAddress.listen(on: addresses, named: arguments.listen)
        let server = try Server(
            application, on: listening, tls: tls, threads: arguments.threads, logsRequests: arguments.logsRequests, log: log)
        let scheme = tls == nil ? "http" : "https"
        for socket in listening { log.write(.info, "listening on \(scheme)://\(ListenAddress.text(of: socket))") }
        return (server, listening.first.map { ListenAddress.port(of: $0) } ?? 0)
    }

    private func application(_ service: EmbeddedService, _ initial: InitialState, _ token: AdminToken?) -> Application {
        // The endpoints' names are needed before the metrics, which are an endpoint.
        let metrics = Metrics(operations: Routes.names, log: log)
        let routes = Routes(
            service: service, policy: arguments.policy, metrics: metrics
        ) { call throws(Failure) in try service.load(initial, replacing: true, call: call) }
        return Application(
            Router(routes.resources(withAdmin: token != nil)), readingsMayBlock: isRemote, adminToken: token, metrics: metrics,
            log: log)
    }

    private func storage() throws(Failure) -> any Storage {
        if isRemote {
            return try PostgreSQLStorage(arguments.service, connections: arguments.threads * Server.workersPerThread)
        }
        guard let location = try DatabaseLocation(serviceURL: arguments.service) else {
            throw Failure(.invalidArgument, "--service must be sqlite:FILE, sqlite::memory: or postgresql://…")
        }
        SQLiteStorage.disableMemoryStatistics()
        return try SQLiteStorage(location)
    }

    /// The file of `--channels`, read and validated as a whole.
    private func initialState(_ path: String) throws(Failure) -> InitialState {
        let most = 64 * 1_048_576  // some 500,000 channels
        let json = try JSON(request: TextFile(path, most: most).text, named: path, limit: most)
        do throws(Failure) { return try InitialState(json, options: arguments.options, policy: arguments.policy) } catch {
            throw error.with { $0.message = "\(path): \($0.path ?? ""): \($0.message)" }
        }
    }

    /// A file that its owner alone should be able to read.
    private func secret(_ path: String, most: Int) throws(Failure) -> TextFile {
        let file = try TextFile(path, most: most)
        if file.isReadableByOthers { log.write(.warning, "\(path) can be read by other users: chmod 600 \(path)") }
        return file
    }

    private func tls() throws(Failure) -> Server.TLS? {
        guard let certificate = arguments.certificate, let key = arguments.key else { return nil }
        let most = 1_048_576
        let secret = try secret(key, most: most)
        return Server.TLS(certificate: try TextFile(certificate, most: most), key: secret)
    }
}
