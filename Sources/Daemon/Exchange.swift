import CMicrohttpd
import Glibc
import Support

/// One request from its head to the end of its answer. One thread at a time has it: an event thread, or, while its
/// connection is suspended, a worker.
final class Exchange: @unchecked Sendable {
    /// Bytes of a body of unknown length that are read at most, to be thrown away beyond `Question.maximumBody`.
    private static let mostDiscarded = 16 * Question.maximumBody

    let method: String
    /// Without the query.
    let target: String
    /// The body is not read: its announced length is beyond the limit, or means different things to different readers.
    private(set) var isRefusedUnread = false
    private(set) var question = Question()
    private(set) var endpoint: Endpoint?
    /// Nil until it is known what to answer.
    var response: Response?
    private let started: timespec
    private let connection: OpaquePointer
    let watched: Connection?

    init(_ connection: OpaquePointer, method: String, target: UnsafePointer<CChar>, router: Router) {
        self.connection = connection
        watched = d360_mhd_socket_context(connection).map { Unmanaged<Connection>.fromOpaque($0).takeUnretainedValue() }
        self.method = method
        let exact = String(validatingCString: target)
        self.target = exact ?? String(cString: target)
        started = Self.now
        guard let length = announcedLength, d360_mhd_find_header(connection, "Host").count < 2 else {
            isRefusedUnread = true
            response = Response(Failure(.invalidRequest, "it is not clear how long the body is, or for which host it is"))
            return
        }
        isRefusedUnread = length > Question.maximumBody
        question.bodyLength = length
        guard let exact, let (resource, parameter) = router.find(exact) else {
            response = Response(Failure(.notFound, "there is nothing at this path"))
            return
        }
        guard let endpoint = resource.endpoint(for: method) else {
            let failure = Failure(.invalidRequest, "this path has no such method").with { $0.httpStatus = 405 }
            var response = Response(failure)
            response.headers.append(("Allow", resource.allow))
            self.response = response
            return
        }
        self.endpoint = endpoint
        question.parameter = parameter
        switch endpoint.work {
        case .operation: question.key = header("D360-API-KEY") ?? ""
        case .admin: question.authorization = header("Authorization") ?? ""
        case .open, .readiness: break
        }
        if endpoint.takesBody { question.contentType = header("Content-Type") ?? "" }
    }

    /// Takes a piece of the body; false: enough is enough.
    func take(_ piece: UnsafeRawBufferPointer) -> Bool {
        received += piece.count
        if endpoint?.takesBody == true {
            question.bodyLength = received
            if received <= Question.maximumBody { question.body += piece } else { question.body = [] }
        }
        return received <= Self.mostDiscarded
    }

    private var received = 0

    var microseconds: Int64 {
        let now = Self.now
        return Int64(now.tv_sec - started.tv_sec) * 1_000_000 + Int64(now.tv_nsec - started.tv_nsec) / 1_000
    }

    /// The client's address, without its port.
    var peer: String {
        guard let address = d360_mhd_peer(connection) else { return "-" }
        return SocketAddress.host(of: address) ?? "-"
    }

    /// Bytes; 0 where the body is chunked, or there is none. Nil where readers may differ: RFC 9112, 6.3.
    private var announcedLength: Int? {
        let length = d360_mhd_find_header(connection, "Content-Length")
        let encoding = d360_mhd_find_header(connection, "Transfer-Encoding")
        guard length.count + encoding.count < 2 else { return nil }
        if let encoding = encoding.value { return strcasecmp(encoding, "chunked") == 0 ? 0 : nil }
        // libmicrohttpd has seen to it that it is a number.
        return length.value.map { Int(String(cString: $0)) ?? .max } ?? 0
    }

    /// Nil where it is missing, or stands there twice: nobody can say which is meant.
    private func header(_ name: String) -> String? {
        let header = d360_mhd_find_header(connection, name)
        guard header.count == 1, let value = header.value else { return nil }
        // Blanks behind a value do not belong to it, RFC 9112, 5.1; libmicrohttpd takes away only those before it.
        var length = strlen(value)
        while length > 0, value[length - 1] == 0x20 || value[length - 1] == 0x09 { length -= 1 }
        return String(decoding: UnsafeRawBufferPointer(start: value, count: length), as: UTF8.self)
    }

    private static var now: timespec {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return now
    }
}
