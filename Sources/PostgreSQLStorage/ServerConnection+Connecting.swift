import CPostgreSQL
import Glibc
import Support

extension ServerConnection {
    /// The oldest supported server.
    private static let oldestServer: Int32 = 150_000

    /// Connects to the first host that accepts. Several hosts share the time: one that does not answer must not use it up.
    static func open(_ address: ServerAddress, _ call: Call) throws(AttemptError) -> ServerConnection {
        for (index, parameters) in address.hosts.enumerated() {
            do throws(AttemptError) {
                return try open(parameters, address, call, sharedBy: Int64(address.hosts.count - index))
            } catch {
                guard case .disconnected = error, index + 1 < address.hosts.count else { throw error }
            }
        }
        throw .permanent(.fault("a server has no host"))
    }

    private static func open(
        _ parameters: ServerAddress.Parameters, _ address: ServerAddress, _ call: Call, sharedBy hosts: Int64
    ) throws(AttemptError) -> ServerConnection {
        let limit = address.connectTimeout ?? call.settings.connectTimeout
        let attempt = call.until(call.deadline.orEarlier(in: min(limit, call.deadline.remaining / Double(hosts))))
        guard let handle = parameters.connect() else { throw .permanent(.outOfMemory) }
        do throws(AttemptError) { try finish(connecting: handle, address, attempt) } catch {
            PQfinish(handle)
            // One attempt took too long, not the call.
            if case .cancelled(let failure) = error, !call.isCancelled, !call.deadline.hasPassed { throw .disconnected(failure) }
            throw error
        }
        let connection = ServerConnection(handle, address, call)
        guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else {
            throw .disconnected(.connectionLost(address.place))
        }
        try connection.check()
        return connection
    }

    private static func finish(
        connecting handle: OpaquePointer, _ address: ServerAddress, _ call: Call
    ) throws(AttemptError) {
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        // Less verbose messages have no SQLSTATE.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        let wait = SocketPoller(call, address.place)
        var state = PQstatus(handle) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            guard state != PGRES_POLLING_FAILED else { throw connectError(handle, address) }
            let events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT
            let socket = PQsocket(handle)
            // A TLS handshake takes missing data for the end, so libpq is called once the socket is ready.
            while !(try wait.poll(socket, events)) {}
            state = PQconnectPoll(handle)
        }
    }

    /// libpq keeps the server's SQLSTATE only within its message: "…failed: FATAL:  28P01: password…", then further lines.
    private static func connectError(_ handle: OpaquePointer, _ address: ServerAddress) -> AttemptError {
        let message = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        let lines = message.split(separator: "\n").map(String.init)
        for line in lines.reversed() {
            let bytes = Array(line.utf8)
            for start in bytes.indices.dropFirst(3) where bytes[(start - 3)..<start].elementsEqual(":  ".utf8) {
                let state = bytes[start...].prefix(5)
                guard state.count == 5, state.allSatisfy({ 0x30...0x39 ~= $0 || 0x41...0x5A ~= $0 }),
                    bytes[(start + 5)...].starts(with: ": ".utf8)
                else { continue }
                let words = String(decoding: bytes[(start + 7)...], as: UTF8.self)
                return connectError(String(decoding: state, as: UTF8.self), address.redacted(words), address.place)
            }
        }
        if PQconnectionNeedsPassword(handle) == 1 {
            return .permanent(.storage("\(address.place) wants a password: give one in the URL, in PGPASSWORD or in ~/.pgpass"))
        }
        // Indented lines are libpq's guess at the reason.
        let words = address.redacted(lines.filter { !$0.hasPrefix("\t") }.joined(separator: "; "))
        return .disconnected(
            .storage("\(address.place) cannot be reached (\(words)): check that it runs, and host and port", retryable: true))
    }

    private static func connectError(_ state: String, _ words: String, _ place: String) -> AttemptError {
        let failure = Failure.postgreSQL(state, words, place)
        switch state.prefix(2) {
        case "08", "53", "57": return .disconnected(failure)
        default: return .permanent(failure)
        }
    }

    private func check() throws(AttemptError) {
        let place = address.place
        guard serverVersion >= Self.oldestServer else {
            throw .permanent(.storage("\(place) is on a server older than PostgreSQL 15: upgrade it"))
        }
        guard serverEncoding == "UTF8" else {
            throw .permanent(
                .storage("\(place) is not encoded in UTF8 but in \(serverEncoding): create one with ENCODING 'UTF8'"))
        }
    }
}

/// Waits for the server until the call's deadline passes or the call is cancelled.
struct SocketPoller {
    private let call: Call
    private let place: String

    init(_ call: Call, _ place: String) {
        self.call = call
        self.place = place
    }

    /// Waits a while. Returns whether one of the events of poll(2) has come.
    @discardableResult
    func poll(_ socket: Int32, _ events: Int32) throws(AttemptError) -> Bool {
        let remaining = call.deadline.remaining
        if call.isCancelled { throw .cancelled(.cancelled) }
        if remaining == .zero { throw .cancelled(.late(place)) }
        var waiting = pollfd(fd: socket, events: Int16(truncatingIfNeeded: events), revents: 0)
        // Rounded up: a wait of 0 ms would spin until the deadline.
        return Glibc.poll(&waiting, 1, Int32(min(remaining, Cancellation.period).milliseconds + 1)) > 0
    }
}
