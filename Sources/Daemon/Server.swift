import CMicrohttpd
import Glibc
import Support
import Synchronization

/// Translates between libmicrohttpd and an application.
final class Server: @unchecked Sendable {
    /// Threads that may wait for the storage, for each that reads and writes connections.
    static let workersPerThread = 4
    /// During this time clients learn by an answer that the connection ends, before it does.
    private static let closeNotice = Duration.seconds(1)
    /// All that is in flight must end within this time.
    private static let longestDrain = Duration.seconds(8)

    private let application: Application
    private let connections: Connections
    private let workers: WorkerPool
    private let log: LogWriter
    private let logsRequests: Bool
    private let requests = Atomic<Int>(0)
    /// libmicrohttpd keeps its address.
    private let callbacks = UnsafeMutablePointer<d360_mhd_callbacks>.allocate(capacity: 1)
    /// Set once, before the first connection.
    private var daemon: OpaquePointer?
    private var acceptor: Acceptor?

    struct TLS {
        let certificate: TextFile
        let key: TextFile
    }

    /// Serves on the sockets `listening`, which it takes over, until `drain`.
    init(
        _ application: Application, on listening: [Int32], tls: TLS?, threads: Int, logsRequests: Bool, log: LogWriter
    ) throws(Failure) {
        self.application = application
        self.log = log
        self.logsRequests = logsRequests
        connections = Connections(maximum: try Connections.limit(threads: threads))
        workers = try WorkerPool(threads: threads * Self.workersPerThread)
        callbacks.initialize(to: makeCallbacks())
        daemon = d360_mhd_start(
            UInt32(threads), UInt32(connections.maximum), callbacks, tls?.certificate.text, tls?.key.text)
        guard daemon != nil else {
            throw Failure(
                .internalError,
                tls == nil ? "cannot start the HTTP server" : "cannot start the HTTPS server: check certificate and key")
        }
        acceptor = try Acceptor(
            listening, hasRoom: { [connections] in connections.count < connections.maximum },
            makeRoom: { [connections] in connections.sweep() },
            add: { [self] socket, address, length in
                connections.willArrive()
                if MHD_add_connection(daemon, socket, address, length) == .NO { connections.didArrive() }
            })
    }

    func sweep() { connections.sweep() }

    /// Accepts no more, answers the requests that have begun, then returns. False if a worker still uses the storage.
    func drain() -> Bool {
        let deadline = Deadline(in: Self.longestDrain)
        // Close the listener first: clients must not be able to reconnect.
        acceptor?.stop()
        application.stop()
        // A client with a request in flight learns by its answer; connections without one are cut off after that.
        wait(until: Deadline(in: Self.closeNotice)) { connections.count == 0 }
        connections.endIdle()
        wait(until: deadline) { connections.count == 0 }
        application.cancel()
        wait(until: Deadline(in: Self.closeNotice)) { requests.load(ordering: .acquiring) == 0 }
        // libmicrohttpd must not be stopped while a connection is suspended.
        workers.close()
        wait(until: Deadline(in: Self.closeNotice)) { workers.isIdle }
        guard workers.isIdle else { return false }
        MHD_stop_daemon(daemon)
        return true
    }

    private func wait(until deadline: Deadline, _ isDone: () -> Bool) {
        while !isDone() && !deadline.hasPassed { usleep(5_000) }
    }

    // MARK: Called by libmicrohttpd, on its threads

    private func makeCallbacks() -> d360_mhd_callbacks {
        d360_mhd_callbacks(
            handle: { context, connection, url, method, _, piece, length, state in
                guard let server = Server.of(context), let connection, let url, let method, let length, let state else {
                    return .NO
                }
                let bytes = UnsafeRawBufferPointer(start: piece, count: piece == nil ? 0 : length.pointee)
                length.pointee = 0
                return server.handle(connection, url, method, bytes, state)
            },
            completed: { context, _, state, _ in
                if let state { Server.of(context)?.completed(state) }
            },
            connection: { context, connection, state, change in
                guard let server = Server.of(context), let connection, let state else { return }
                if change == .CONNECTION_NOTIFY_STARTED {
                    server.connectionOpened(connection, state)
                } else {
                    server.connectionClosed(state)
                }
            },
            log: { context, line in
                if let line { Server.of(context)?.libraryLogged(String(cString: line)) }
            },
            context: Unmanaged.passUnretained(self).toOpaque())
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> Server? {
        context.map { Unmanaged<Server>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Called for a request's head, for each piece of its body, for its end, and once a worker has answered.
    private func handle(
        _ connection: OpaquePointer, _ url: UnsafePointer<CChar>, _ method: UnsafePointer<CChar>, _ piece: UnsafeRawBufferPointer,
        _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    ) -> MHD_Result {
        guard let known = state.pointee else {
            let request = InFlightRequest(connection, method: String(cString: method), target: url)
            request.route(by: application.router)
            requests.add(1, ordering: .relaxed)
            request.connection?.requestBegan()
            state.pointee = Unmanaged.passRetained(request).toOpaque()
            // A response before the body ends the connection: right only if the body is not wanted.
            return request.isRejectedUnread ? proceed(request, connection) : .YES
        }
        let request = Unmanaged<InFlightRequest>.fromOpaque(known).takeUnretainedValue()
        guard piece.isEmpty else { return request.append(piece) ? .YES : .NO }
        return proceed(request, connection)
    }

    /// Answers, or suspends the connection and has a worker find the answer; then `handle` is called again.
    private func proceed(_ request: InFlightRequest, _ connection: OpaquePointer) -> MHD_Result {
        if request.response == nil, let endpoint = request.endpoint {
            let call = application.makeCall()
            if application.mayBlock(endpoint), workers.reserve() {
                request.connection?.requestCame()
                MHD_suspend_connection(connection)
                workers.add { [application] in
                    request.response = application.respond(to: request.request, endpoint, call)
                    request.resume()
                }
                return .YES
            }
            request.response = application.respond(to: request.request, endpoint, call)
        }
        guard let answer = request.response, let response = Self.response(answer) else { return .NO }
        defer { MHD_destroy_response(response) }
        if application.isStopping { MHD_add_response_header(response, "Connection", "close") }
        request.connection?.requestAnswered()
        return MHD_queue_response(connection, UInt32(answer.status), response)
    }

    private static func response(_ answer: HTTPResponse) -> OpaquePointer? {
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

    private func completed(_ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>) {
        guard let known = state.pointee else { return }
        state.pointee = nil
        let request = Unmanaged<InFlightRequest>.fromOpaque(known).takeRetainedValue()
        requests.subtract(1, ordering: .acquiringAndReleasing)
        request.connection?.requestEnded()
        guard let response = request.response else { return }
        let microseconds = request.microseconds
        application.metrics.count(request.endpoint?.name, code: response.status, microseconds: microseconds)
        guard logsRequests else { return }
        log.write(
            AccessRecord(
                method: request.method, path: request.target, status: response.status, microseconds: microseconds,
                bytes: response.body.utf8.count, peer: request.peer))
    }

    private func connectionOpened(
        _ connection: OpaquePointer, _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    ) {
        let tracked = TrackedConnection(d360_mhd_socket(connection))
        context.pointee = Unmanaged.passRetained(tracked).toOpaque()
        connections.add(tracked)
        connections.didArrive()
        application.metrics.connectionOpened()
    }

    private func connectionClosed(_ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>) {
        guard let known = context.pointee else { return }
        context.pointee = nil
        connections.remove(Unmanaged<TrackedConnection>.fromOpaque(known).takeRetainedValue())
        application.metrics.connectionClosed()
    }

    /// After start-up these lines only report client disconnects, so only start-up errors are logged.
    private func libraryLogged(_ line: String) {
        if daemon == nil { log.write(.error, String(line.drop { $0 == " " }.prefix { $0 != "\n" })) }
    }
}

extension StaticString {
    fileprivate var cString: UnsafePointer<CChar> { UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self) }
}
