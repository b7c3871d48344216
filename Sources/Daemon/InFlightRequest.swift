import CMicrohttpd
import Glibc
import Support

/// One request from its head to the end of its answer. One thread at a time uses it: an event thread, or, while its
/// connection is suspended, a worker.
final class InFlightRequest: @unchecked Sendable {
    /// Bytes of a body of unknown length that are read at most. Those beyond `HTTPRequest.maximumBody` are discarded.
    private static let maximumDiscarded = 16 * HTTPRequest.maximumBody

    let method: String
    /// Without the query; bytes that are not UTF-8 are replaced.
    let target: String
    private let isUTF8: Bool
    /// The body is not read: its announced length is beyond the limit, or readers may differ on it.
    private(set) var isRejectedUnread = false
    private(set) var request = HTTPRequest()
    private(set) var endpoint: Endpoint?
    /// Nil until it is known.
    var response: HTTPResponse?
    let connection: TrackedConnection?
    private let started = Clock.monotonic
    private let handle: OpaquePointer
    private var received = 0

    init(_ handle: OpaquePointer, method: String, target: UnsafePointer<CChar>) {
        self.handle = handle
        connection = d360_mhd_socket_context(handle).map { Unmanaged<TrackedConnection>.fromOpaque($0).takeUnretainedValue() }
        self.method = method
        let exact = String(validatingCString: target)
        isUTF8 = exact != nil
        self.target = exact ?? String(cString: target)
    }

    /// Finds the endpoint and reads the head; else the request is answered already.
    func route(by router: Router) {
        guard let length = announcedLength, d360_mhd_find_header(handle, "Host").count < 2 else {
            isRejectedUnread = true
            response = HTTPResponse(
                Failure(.invalidRequest, "conflicting Content-Length, Transfer-Encoding or Host headers"))
            return
        }
        isRejectedUnread = length > HTTPRequest.maximumBody
        request.bodyLength = length
        switch router.route(method, isUTF8 ? target : "") {
        case .rejected(let response): self.response = response
        case .found(let endpoint, let parameter):
            self.endpoint = endpoint
            request.parameter = parameter
            if let name = endpoint.access.header { request.credential = header(name) ?? "" }
            if endpoint.takesBody { request.contentType = header("Content-Type") ?? "" }
        }
    }

    /// Adds a piece of the body. Returns false if the connection is to be closed.
    func append(_ piece: UnsafeRawBufferPointer) -> Bool {
        received += piece.count
        if endpoint?.takesBody == true {
            request.bodyLength = received
            if received <= HTTPRequest.maximumBody { request.body += piece } else { request.body = [] }
        }
        return received <= Self.maximumDiscarded
    }

    /// Ends the suspension of its connection. Any thread may call it.
    func resume() { MHD_resume_connection(handle) }

    var microseconds: Int64 {
        let (seconds, attoseconds) = (Clock.monotonic - started).components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }

    /// The client's address, without its port.
    var peer: String { d360_mhd_peer(handle).flatMap { ListenAddress.host(of: $0) } ?? "-" }

    /// Bytes; 0 if the body is chunked or there is none. Nil if readers may differ: RFC 9112, 6.3.
    private var announcedLength: Int? {
        let length = d360_mhd_find_header(handle, "Content-Length")
        let encoding = d360_mhd_find_header(handle, "Transfer-Encoding")
        guard length.count + encoding.count < 2 else { return nil }
        if let encoding = encoding.value { return strcasecmp(encoding, "chunked") == 0 ? 0 : nil }
        // libmicrohttpd has made sure that it is a number.
        return length.value.map { Int(String(cString: $0)) ?? .max } ?? 0
    }

    /// Nil if it is missing or given twice.
    private func header(_ name: String) -> String? {
        let header = d360_mhd_find_header(handle, name)
        guard header.count == 1, let value = header.value else { return nil }
        // Blanks after a value do not belong to it, RFC 9112, 5.1; libmicrohttpd removes only those before it.
        var length = strlen(value)
        while length > 0, value[length - 1] == 0x20 || value[length - 1] == 0x09 { length -= 1 }
        return String(decoding: UnsafeRawBufferPointer(start: value, count: length), as: UTF8.self)
    }
}
