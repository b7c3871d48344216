import CMicrohttpd
import Glibc
import Support
import Synchronization
import WebhookModel

/// HTTP in front of an application.
final class Server: @unchecked Sendable {
    /// Threads that may wait for the storage, for each that reads and writes connections.
    static let workersPerThread = 4
    /// Milliseconds in which clients learn by an answer that the connection ends, before it does.
    private static let farewell: Int64 = 1_000
    /// Milliseconds in which all that is in flight must have ended.
    private static let longestDrain: Int64 = 8_000

    let port: UInt16
    private let application: Application
    private let router: Router
    private let connections: Connections
    private let workers: Workers
    private let log: LogWriter
    private let logsRequests: Bool
    private let requests = Atomic<Int>(0)
    /// libmicrohttpd keeps its address.
    private let callbacks = UnsafeMutablePointer<d360_mhd_callbacks>.allocate(capacity: 1)
    private var daemon: OpaquePointer?

    struct TLS {
        let certificate: TextFile
        let key: TextFile
    }

    /// Serves on `socket`, which it takes over, until `drain`.
    init(
        _ application: Application, router: Router, on socket: Int32, tls: TLS?, threads: Int, logsRequests: Bool, log: LogWriter
    ) throws(Failure) {
        self.application = application
        self.router = router
        self.log = log
        self.logsRequests = logsRequests
        port = SocketAddress.port(of: socket)
        let most = try Descriptors.connections(threads: threads)
        connections = Connections(most: most)
        workers = try Workers(count: threads * Self.workersPerThread)
        callbacks.initialize(
            to: d360_mhd_callbacks(
                handle: requestMoved, completed: requestEnded, connection: connectionChanged, log: lineLogged,
                context: Unmanaged.passUnretained(self).toOpaque()))
        daemon = d360_mhd_start(
            socket, UInt32(threads), UInt32(most), callbacks, tls?.certificate.text, tls?.key.text)
        guard daemon != nil else {
            let what = tls == nil ? "the HTTP server" : "the HTTPS server, for want of a usable certificate and key perhaps,"
            throw Failure(.internalError, "\(what) does not start")
        }
    }

    func sweep() { connections.sweep() }

    /// Accepts no more, answers what was begun, then returns.
    func drain() {
        guard let daemon else { return }
        let deadline = Deadline(in: Self.longestDrain)
        // First: who is told that its connection ends connects again, and must learn that nobody is here.
        acceptTheRest(MHD_quiesce_daemon(daemon), daemon)
        application.stop()
        // Who has a request under way learns by its answer; only who has none is cut off then.
        wait(until: Deadline(in: Self.farewell)) { connections.count == 0 }
        connections.endIdle()
        wait(until: deadline) { connections.count == 0 }
        application.cancel()
        // libmicrohttpd may not be stopped while a worker has a connection.
        wait(until: Deadline(in: Self.farewell)) { requests.load(ordering: .acquiring) == 0 }
        if requests.load(ordering: .acquiring) == 0 { MHD_stop_daemon(daemon) }
    }

    /// Clients in the backlog believe that they are connected: their requests were begun.
    private func acceptTheRest(_ listening: Int32, _ daemon: OpaquePointer) {
        while listening >= 0 {
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let isAdded = withUnsafeMutableBytes(of: &storage) { bytes -> Bool in
                guard let address = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
                let socket = accept(listening, address, &length)
                return socket >= 0 && MHD_add_connection(daemon, socket, address, length) == .YES
            }
            if !isAdded { break }
        }
        if listening >= 0 { close(listening) }
    }

    private func wait(until deadline: Deadline, _ isDone: () -> Bool) {
        while !isDone() && !deadline.hasPassed { usleep(5_000) }
    }

    // MARK: Called by libmicrohttpd, on its threads

    /// The same function for a request's head, for each piece of its body, for its end, and once a worker has answered.
    fileprivate func handle(
        _ connection: OpaquePointer, _ url: UnsafePointer<CChar>, _ method: UnsafePointer<CChar>, _ piece: UnsafeRawBufferPointer,
        _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    ) -> MHD_Result {
        guard let known = state.pointee else {
            let exchange = Exchange(connection, method: String(cString: method), target: url, router: router)
            requests.add(1, ordering: .relaxed)
            exchange.watched?.requestBegan()
            state.pointee = Unmanaged.passRetained(exchange).toOpaque()
            // A response before the body ends the connection: right for a body that nobody wants, and only for that.
            return exchange.isRefusedUnread ? proceed(exchange, connection) : .YES
        }
        let exchange = Unmanaged<Exchange>.fromOpaque(known).takeUnretainedValue()
        guard piece.isEmpty else { return exchange.take(piece) ? .YES : .NO }
        return proceed(exchange, connection)
    }

    /// Answers, or has a worker find the answer: the connection is suspended, then `handle` is called again.
    private func proceed(_ exchange: Exchange, _ connection: OpaquePointer) -> MHD_Result {
        guard exchange.response == nil, let endpoint = exchange.endpoint, application.mayWait(in: endpoint) else {
            return answer(exchange, connection)
        }
        exchange.watched?.requestCame()
        MHD_suspend_connection(connection)
        let suspended = SuspendedConnection(connection: connection)
        let came = Clock.milliseconds
        workers.add { [application] in
            exchange.response = application.respond(exchange.question, endpoint, since: came)
            suspended.resume()
        }
        return .YES
    }

    private func answer(_ exchange: Exchange, _ connection: OpaquePointer) -> MHD_Result {
        if exchange.response == nil, let endpoint = exchange.endpoint {
            exchange.response = application.respond(exchange.question, endpoint)
        }
        guard let answer = exchange.response, let response = Self.response(answer) else { return .NO }
        defer { MHD_destroy_response(response) }
        if application.isStopping { MHD_add_response_header(response, "Connection", "close") }
        exchange.watched?.requestAnswered()
        return MHD_queue_response(connection, UInt32(answer.code), response)
    }

    private static func response(_ answer: Response) -> OpaquePointer? {
        var body = answer.body
        let made = body.withUTF8 { bytes in
            MHD_create_response_from_buffer(
                bytes.count, UnsafeMutableRawPointer(mutating: UnsafeRawPointer(bytes.baseAddress)), .RESPMEM_MUST_COPY)
        }
        guard let made else { return nil }
        MHD_add_response_header(made, "Content-Type", answer.type.cString)
        for (name, value) in answer.headers { MHD_add_response_header(made, name.cString, value) }
        return made
    }

    fileprivate func completed(_ connection: OpaquePointer, _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>) {
        guard let known = state.pointee else { return }
        state.pointee = nil
        let exchange = Unmanaged<Exchange>.fromOpaque(known).takeRetainedValue()
        requests.subtract(1, ordering: .acquiringAndReleasing)
        exchange.watched?.requestEnded()
        guard let response = exchange.response else { return }
        let microseconds = exchange.microseconds
        application.metrics.count(exchange.endpoint?.name, code: response.code, microseconds: microseconds)
        guard logsRequests else { return }
        log.write(
            AccessRecord(
                method: exchange.method, path: exchange.target, code: response.code, microseconds: microseconds,
                bytes: response.body.utf8.count, peer: exchange.peer))
    }

    fileprivate func connectionOpened(
        _ connection: OpaquePointer, _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    ) {
        let watched = Connection(d360_mhd_socket(connection))
        context.pointee = Unmanaged.passRetained(watched).toOpaque()
        connections.add(watched)
        application.metrics.connectionOpened()
    }

    fileprivate func connectionClosed(_ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>) {
        guard let known = context.pointee else { return }
        context.pointee = nil
        connections.remove(Unmanaged<Connection>.fromOpaque(known).takeRetainedValue())
        application.metrics.connectionClosed()
    }

    /// Most of it is about clients that broke off: of no use to whoever runs the daemon, but for why it does not start.
    fileprivate func libraryLogged(_ line: String) {
        if daemon == nil { log.write(.error, String(line.drop { $0 == " " }.prefix { $0 != "\n" })) }
    }

}

extension StaticString {
    fileprivate var cString: UnsafePointer<CChar> { UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self) }
}

// What libmicrohttpd calls; `context` is the server.

private func server(_ context: UnsafeMutableRawPointer?) -> Server? {
    context.map { Unmanaged<Server>.fromOpaque($0).takeUnretainedValue() }
}

private func requestMoved(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ url: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ piece: UnsafePointer<CChar>?,
    _ length: UnsafeMutablePointer<Int>?, _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let server = server(context), let connection, let url, let method, let length, let state else { return .NO }
    let bytes = UnsafeRawBufferPointer(start: piece, count: piece == nil ? 0 : length.pointee)
    length.pointee = 0
    return server.handle(connection, url, method, bytes, state)
}

private func requestEnded(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ reason: MHD_RequestTerminationCode
) {
    guard let server = server(context), let connection, let state else { return }
    server.completed(connection, state)
}

private func connectionChanged(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ change: MHD_ConnectionNotificationCode
) {
    guard let server = server(context), let connection, let state else { return }
    if change == .CONNECTION_NOTIFY_STARTED {
        server.connectionOpened(connection, state)
    } else {
        server.connectionClosed(state)
    }
}

private func lineLogged(_ context: UnsafeMutableRawPointer?, _ line: UnsafePointer<CChar>?) {
    guard let server = server(context), let line else { return }
    server.libraryLogged(String(cString: line))
}

/// Lets a worker have a connection's name.
private struct SuspendedConnection: @unchecked Sendable {
    let connection: OpaquePointer

    func resume() { MHD_resume_connection(connection) }
}
