import CPostgreSQL
import Glibc
import Support

/// One connection to the server with its prepared statements. Used by one thread at a time.
///
/// It is always in libpq's pipeline mode: any number of statements are one round trip, and after one that fails the server
/// skips the rest of them. Nothing waits longer than its call may, or goes on once that is cancelled.
final class ServerConnection {
    let address: ServerAddress
    private let handle: OpaquePointer
    /// Names by the address of the statements' text in the program.
    private var statements: [UnsafePointer<UInt8>: String] = [:]
    private var call: Call
    private(set) var isOpen = true
    /// Its row in `writer`, and how many transactions it began.
    let writer = Int64.random(in: .min ... .max)
    var transactions: Int64 = 0
    /// The pool's, when it was made.
    var generation = 0

    /// Takes over `handle`, which is connected.
    init(_ handle: OpaquePointer, _ address: ServerAddress, _ call: Call) {
        self.handle = handle
        self.address = address
        self.call = call
    }

    deinit { close() }

    /// If a statement is running, the server ends it with its transaction once it notices.
    func close() {
        guard isOpen else { return }
        isOpen = false
        PQfinish(handle)
    }

    /// From now on the connection works for `call`.
    func begin(_ call: Call) { self.call = call }

    /// The next call can have it.
    var isQuiescent: Bool { isOpen && PQtransactionStatus(handle) == PQTRANS_IDLE }

    var serverVersion: Int32 { PQserverVersion(handle) }
    var serverEncoding: String { PQparameterStatus(handle, "server_encoding").map { String(cString: $0) } ?? "" }

    func execute(_ query: Query) throws(AttemptError) -> Rows {
        guard let rows = try execute([query]).last else { throw lose() }
        return rows
    }

    /// Returns the rows of each statement. Throws the error of the first that failed.
    @discardableResult
    func execute(_ queries: [Query]) throws(AttemptError) -> [Rows] {
        guard isOpen else { throw .disconnected(.connectionLost(address.place)) }
        var preparing: [(command: Int, query: Query, name: String)] = []
        var commands = 0
        for query in queries {
            var name = statements[query.sql.utf8Start] ?? preparing.first { $0.query.sql.utf8Start == query.sql.utf8Start }?.name
            if name == nil {
                let made = "s\(statements.count + preparing.count)"
                guard prepare(query, made) else { throw lose() }
                preparing.append((commands, query, made))
                commands += 1
                name = made
            }
            guard let sent = send(query, name ?? "") else { throw .permanent(tooLarge()) }
            guard sent else { throw lose() }
            commands += 1
        }
        guard PQpipelineSync(handle) == 1 else { throw lose() }
        return try receive(commands, preparing)
    }

    private func prepare(_ query: Query, _ name: String) -> Bool {
        let text = UnsafeRawPointer(query.sql.utf8Start).assumingMemoryBound(to: CChar.self)
        return PQsendPrepare(handle, name, text, 0, nil) == 1
    }

    /// Nil: a parameter is too long.
    private func send(_ query: Query, _ name: String) -> Bool? {
        Parameters(query.values).withArrays {
            PQsendQueryPrepared(handle, name, $0.count, $0.pointers, $0.lengths, $0.formats, 1) == 1
        }
    }

    private func receive(
        _ commands: Int, _ preparing: [(command: Int, query: Query, name: String)]
    ) throws(AttemptError) -> [Rows] {
        var answers: [Rows] = []
        var attemptError: AttemptError?
        var ended = 0
        while true {
            while PQisBusy(handle) == 1 { try receiveMore() }
            guard let result = PQgetResult(handle) else {
                ended += 1
                if ended > commands || PQstatus(handle) == CONNECTION_BAD { throw lose() }
                continue
            }
            let rows = Rows(result)
            switch PQresultStatus(result) {
            case PGRES_PIPELINE_SYNC:
                if let attemptError { throw attemptError }
                return answers
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
                if let prepared = preparing.first(where: { $0.command == ended }) {
                    statements[prepared.query.sql.utf8Start] = prepared.name
                } else {
                    answers.append(rows)
                }
            case PGRES_PIPELINE_ABORTED: break
            default: if attemptError == nil { attemptError = try self.attemptError(result) }
            }
        }
    }

    /// Throws if the connection ends with the statement.
    private func attemptError(_ result: OpaquePointer) throws(AttemptError) -> AttemptError {
        func field(_ code: UInt8) -> String { PQresultErrorField(result, Int32(code)).map { String(cString: $0) } ?? "" }
        let state = field(UInt8(ascii: "C"))
        let severity = field(UInt8(ascii: "V"))
        let failure = Failure.postgreSQL(state, address.redacted(field(UInt8(ascii: "M"))), address.place)
        guard PQstatus(handle) != CONNECTION_BAD, !state.isEmpty, severity == "ERROR" else {
            throw lose(state.isEmpty ? nil : failure)
        }
        switch state {
        // A unique violation: two registered the same at once, and neither saw the other.
        case "40001", "40P01", "23505": return .conflict(failure)
        // The server is read-only or stopping. Its next answer would be the same, but the name may lead to another server then.
        case "25006", "57P01", "57P02", "57P03": return lose(failure)
        default: return .permanent(failure)
        }
    }

    private func lose(_ failure: Failure? = nil) -> AttemptError {
        close()
        return .disconnected(failure ?? .connectionLost(address.place))
    }

    private func tooLarge() -> Failure {
        close()
        return .storage("the configuration is too large for \(address.place)")
    }

    /// Sends what has not been sent yet, waits for more of the answers, takes it in.
    private func receiveMore() throws(AttemptError) {
        let unsent = PQflush(handle)
        guard unsent >= 0 else { throw lose() }
        do throws(AttemptError) {
            // Input is read even if poll sees none: TLS may hold some that it has not handed out.
            try SocketPoller(call, address.place).poll(PQsocket(handle), unsent == 1 ? POLLIN | POLLOUT : POLLIN)
        } catch {
            close()
            throw error
        }
        guard PQconsumeInput(handle) == 1 else { throw lose() }
    }
}
