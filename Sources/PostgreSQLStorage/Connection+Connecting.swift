import CPostgreSQL
import Glibc
import Support

extension Connection {
    /// The oldest server whose answers are relied on.
    private static let oldestServer: Int32 = 150_000

    /// A new connection to a server that will do.
    static func open(_ address: ServerAddress, _ call: Call, until deadline: Deadline) throws(Setback) -> Connection {
        guard let handle = PQconnectStartParams(address.keywords, address.values, 0) else { throw .failed(.outOfMemory) }
        do throws(Setback) { try finish(connecting: handle, address, call, deadline) } catch {
            PQfinish(handle)
            // One attempt took too long, not the call.
            if case .stopped(let failure) = error, !call.isCancelled, !deadline.hasPassed { throw .lost(failure) }
            throw error
        }
        let connection = Connection(handle, address, call, until: deadline)
        guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else { throw .lost(.lost(address.place)) }
        try connection.check()
        return connection
    }

    private static func finish(
        connecting handle: OpaquePointer, _ address: ServerAddress, _ call: Call, _ deadline: Deadline
    ) throws(Setback) {
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        // Else the message is all there is, without its SQLSTATE.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        let limit = Deadline(
            in: min(deadline.milliseconds, address.connectTimeout ?? Int64(Int(call.settings.connectTimeout.milliseconds))))
        let wait = SocketWait(call, limit, address.place)
        var state = PQstatus(handle) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            guard state != PGRES_POLLING_FAILED else { throw refusal(handle, address) }
            let events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT
            let socket = PQsocket(handle)
            // Only polled when it is ready: a handshake would take what has not come for the end.
            while !(try wait.slice(socket, events)) {}
            state = PQconnectPoll(handle)
        }
    }

    /// libpq keeps the server's SQLSTATE only within its message: "…failed: FATAL:  28P01: password…", then further lines.
    private static func refusal(_ handle: OpaquePointer, _ address: ServerAddress) -> Setback {
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
                return refusal(String(decoding: state, as: UTF8.self), address.redacted(words), address.place)
            }
        }
        if PQconnectionNeedsPassword(handle) == 1 {
            return .failed(.storage("\(address.place) wants a password: give one in the URL, in PGPASSWORD or in ~/.pgpass"))
        }
        // What is indented is libpq's guess at the reason.
        let words = address.redacted(lines.filter { !$0.hasPrefix("\t") }.joined(separator: "; "))
        return .lost(
            .storage("\(address.place) cannot be reached (\(words)): check that it runs, and host and port", retryable: true))
    }

    private static func refusal(_ state: String, _ words: String, _ place: String) -> Setback {
        let failure = Failure.postgreSQL(state, words, place)
        switch state.prefix(2) {
        case "08", "53", "57": return .lost(failure)
        default: return .failed(failure)
        }
    }

    private func check() throws(Setback) {
        let place = address.place
        guard serverVersion >= Self.oldestServer else {
            throw .failed(.storage("\(place) is on a server older than PostgreSQL 15: upgrade it"))
        }
        guard serverEncoding == "UTF8" else {
            throw .failed(.storage("\(place) is not encoded in UTF8 but in \(serverEncoding): create one with ENCODING 'UTF8'"))
        }
    }
}
