import CCurl
import Glibc
import Support
import WebhookModel

/// One libcurl handle with its connection. One call uses it at a time; the next one takes it over.
///
/// The easy handle has a multi handle of its own: `curl_easy_perform` would not look at a cancel for a second.
final class Handle {
    private let easy: UnsafeMutableRawPointer
    private let multi: UnsafeMutableRawPointer
    private let proxy: String?
    /// libcurl's words about a failure; 256 bytes.
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    /// libcurl changes it while it closes the last connection, so it is not part of this object.
    private let socket = UnsafeMutablePointer<d360_socket>.allocate(capacity: 1)
    private var received = Received()

    /// The state of the exchange under way; libcurl's callbacks change it.
    private struct Received {
        var body: [UInt8] = []
        var limit = 0
        var isTooLong = false
        /// The blank line after the headers was seen. libcurl takes headers that are cut for a response without a body.
        var hasHeaders = false
        var isInterim = false
        /// How often a connection was ready and the request about to be written.
        var sendings = 0
        var maySendTwice = false
        var isTLS = false
        /// Bytes were there before the request was sent.
        var hasUnaskedBytes = false
    }

    convenience init(_ trust: Trust, proxy: String?, agent: String?) throws(Failure) {
        guard let easy = curl_easy_init() else { throw .outOfMemory }
        guard let multi = curl_multi_init() else {
            curl_easy_cleanup(easy)
            throw .outOfMemory
        }
        self.init(easy, multi, proxy)
        try configure(trust, agent)
    }

    private init(_ easy: UnsafeMutableRawPointer, _ multi: UnsafeMutableRawPointer, _ proxy: String?) {
        self.easy = easy
        self.multi = multi
        self.proxy = proxy
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        socket.initialize(to: d360_socket(descriptor: -1, is_new: false, lacks_descriptors: false))
    }

    deinit {
        withoutSIGPIPE {
            curl_easy_cleanup(easy)
            curl_multi_cleanup(multi)
        }
        errorText.deallocate()
        socket.deallocate()
    }

    /// The last exchange failed because no descriptor was left.
    var lacksDescriptors: Bool { socket.pointee.lacks_descriptors || d360_lacks_descriptors() }

    /// A connection is not kept if its descriptor says that much of the process's limit is in use.
    var mayBeKept: Bool { socket.pointee.descriptor < 0 || d360_is_low_descriptor(socket.pointee.descriptor) }

    /// Runs one exchange until it ends, or the call is cancelled or its deadline passes.
    func exchange(_ request: HTTPRequest, _ call: Call) throws(Failure) -> HTTPOutcome {
        let headers = HeaderList()
        for line in request.headerLines { try headers.append(line) }
        // libcurl keeps the list until then.
        defer { withExtendedLifetime(headers) { _ = d360_curl_set_pointer(easy, CURLOPT_HTTPHEADER, nil) } }
        try set(CURLOPT_HTTPHEADER, pointer: UnsafeMutableRawPointer(headers.list))
        try set(CURLOPT_URL, text: request.url)
        try set(CURLOPT_PROXY, text: request.bypassesProxy ? "" : proxy)
        try set(CURLOPT_CUSTOMREQUEST, text: request.method == "GET" ? nil : request.method)
        guard var body = request.body else {
            try set(CURLOPT_HTTPGET, long: 1)
            return try run(request, call)
        }
        try set(CURLOPT_POST, long: 1)
        try set(CURLOPT_POSTFIELDSIZE_LARGE, offset: curl_off_t(body.utf8.count))
        let result: Result<HTTPOutcome, Failure> = body.withUTF8 { bytes in
            d360_curl_set_pointer(easy, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            defer { d360_curl_set_pointer(easy, CURLOPT_POSTFIELDS, nil) }
            do throws(Failure) { return .success(try run(request, call)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private func run(_ request: HTTPRequest, _ call: Call) throws(Failure) -> HTTPOutcome {
        let outcome = try runOnce(request, call, onNewConnection: request.takesNewConnection)
        // Nothing was sent on the kept connection.
        guard received.hasUnaskedBytes && !socket.pointee.is_new else { return outcome }
        return try runOnce(request, call, onNewConnection: true)
    }

    private func runOnce(_ request: HTTPRequest, _ call: Call, onNewConnection: Bool) throws(Failure) -> HTTPOutcome {
        let left = max(1, Int(call.deadline.remaining.milliseconds))
        try set(CURLOPT_TIMEOUT_MS, long: left)
        try set(CURLOPT_CONNECTTIMEOUT_MS, long: min(Int(call.settings.connectTimeout.milliseconds), left))
        try set(CURLOPT_FRESH_CONNECT, long: onNewConnection ? 1 : 0)
        received = Received()
        received.limit = call.settings.maxResponseBytes
        received.maySendTwice = request.isIdempotent
        received.isTLS = request.isTLS
        socket.pointee.is_new = false
        socket.pointee.lacks_descriptors = false
        errorText.pointee = 0
        errno = 0
        let code = request.isTLS ? withoutSIGPIPE { transfer(call) } : transfer(call)
        guard let code else { return .cancelled(sent: received.sendings > 0) }
        return outcome(endedWith: code)
    }

    /// Nil: cancelled.
    private func transfer(_ call: Call) -> CURLcode? {
        guard curl_multi_add_handle(multi, easy) == CURLM_OK else { return CURLE_OUT_OF_MEMORY }
        defer { curl_multi_remove_handle(multi, easy) }
        var running: Int32 = 1
        while true {
            if call.isCancelled { return nil }
            guard curl_multi_perform(multi, &running) == CURLM_OK else { return CURLE_OUT_OF_MEMORY }
            if running == 0 { break }
            curl_multi_poll(multi, nil, 0, Int32(Cancellation.period.milliseconds), nil)
        }
        var left: Int32 = 0
        return curl_multi_info_read(multi, &left).map { $0.pointee.data.result } ?? CURLE_OUT_OF_MEMORY
    }

    private func outcome(endedWith code: CURLcode) -> HTTPOutcome {
        guard received.isTooLong || (code == CURLE_OK && received.hasHeaders) else {
            return .failed(failure(endedWith: code), sent: received.sendings > 0)
        }
        var status = 0
        d360_curl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
        var retryAfter: curl_off_t = 0
        d360_curl_get_offset(easy, CURLINFO_RETRY_AFTER, &retryAfter)
        // The body leaves the handle: an idle one holds no memory of a response.
        var body: [UInt8] = []
        swap(&body, &received.body)
        return .response(
            HTTPResponse(
                status: status, body: received.isTooLong ? nil : body,
                contentType: d360_curl_get_text(easy, CURLINFO_CONTENT_TYPE).map { String(cString: $0) },
                retryAfter: retryAfter > 0 ? .seconds(min(Int64(retryAfter), Self.longestRetryAfter)) : nil))
    }

    /// A day: no call lasts longer.
    private static let longestRetryAfter: Int64 = 86_400

    private func failure(endedWith code: CURLcode) -> TransferFailure {
        received.body = []
        if received.hasUnaskedBytes { return TransferFailure(.network, "the service answered before it was asked") }
        if code == CURLE_OK { return TransferFailure(.network, "the response was cut in its headers") }
        if received.sendings > 1 && !received.maySendTwice {
            return TransferFailure(.network, "the kept connection ended before a response came")
        }
        // libcurl says the same of a header line over 100 KB and of memory that is short.
        if code == CURLE_OUT_OF_MEMORY && received.sendings > 0 && errno != ENOMEM {
            return TransferFailure(.malformed, "a header line is too long")
        }
        let words = String(cString: errorText)
        return TransferFailure(code, words.isEmpty ? String(cString: curl_easy_strerror(code)) : words)
    }
}

// libcurl's callbacks

extension Handle {
    private func configure(_ trust: Trust, _ agent: String?) throws(Failure) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        for option in [CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_PREREQDATA] { try set(option, pointer: context) }
        try check(d360_curl_set_write(easy) { data, size, count, context in Handle.from(context)?.take(data, size * count) ?? 0 })
        try check(
            d360_curl_set_headers(easy) { data, size, count, context in
                Handle.from(context)?.takeHeader(UnsafeRawBufferPointer(start: data, count: size * count))
                return size * count
            })
        try check(
            d360_curl_set_prereq(easy) { context, _, _, _, _ in
                Handle.from(context)?.maySend() == true ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
            })
        try check(d360_curl_set_sockets(easy, socket))
        try set(CURLOPT_ERRORBUFFER, pointer: errorText)
        guard d360_curl_keep_one_connection(multi) == CURLM_OK else { throw .fault("libcurl does not bound its connections") }
        for option in [
            CURLOPT_NOSIGNAL, CURLOPT_PATH_AS_IS, CURLOPT_SUPPRESS_CONNECT_HEADERS,
            CURLOPT_QUICK_EXIT,  // a name lookup that hangs does not hold up a cancel
        ] { try set(option, long: 1) }
        try set(CURLOPT_SSLVERSION, long: Int(CURL_SSLVERSION_TLSv1_2))
        try set(CURLOPT_PROTOCOLS_STR, text: "http,https")
        try set(CURLOPT_ACCEPT_ENCODING, text: "")
        if let agent { try set(CURLOPT_USERAGENT, text: agent) }
        if let file = trust.file { try set(CURLOPT_CAINFO, text: file) }
        if let folder = trust.folder { try set(CURLOPT_CAPATH, text: folder) }
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> Handle? {
        context.map { Unmanaged<Handle>.fromOpaque($0).takeUnretainedValue() }
    }

    private func take(_ data: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard count <= received.limit - received.body.count else {
            received.isTooLong = true
            return 0
        }
        received.body.append(contentsOf: UnsafeRawBufferPointer(start: data, count: count))
        return count
    }

    /// A line that begins with "HTTP/" behind the headers is a trailer.
    private func takeHeader(_ line: UnsafeRawBufferPointer) {
        guard !received.hasHeaders else { return }
        if line.starts(with: "HTTP/".utf8) {
            let status = line.drop { $0 != UInt8(ascii: " ") }.dropFirst()
            received.isInterim = status.first == UInt8(ascii: "1")
        } else if line.count <= 2, let first = line.first, first == 0x0D || first == 0x0A {
            received.hasHeaders = !received.isInterim
        }
    }

    /// The last moment before the request is written.
    private func maySend() -> Bool {
        if received.sendings > 0 && !received.maySendTwice {
            received.sendings += 1
            return false
        }
        received.hasUnaskedBytes = d360_curl_has_unasked_bytes(easy, socket, received.isTLS)
        if received.hasUnaskedBytes { return false }
        received.sendings += 1
        return true
    }

    private func set(_ option: CURLoption, long value: Int) throws(Failure) { try check(d360_curl_set_long(easy, option, value)) }

    private func set(_ option: CURLoption, text: String?) throws(Failure) { try check(d360_curl_set_text(easy, option, text)) }

    private func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) throws(Failure) {
        try check(d360_curl_set_pointer(easy, option, pointer))
    }

    private func set(_ option: CURLoption, offset: curl_off_t) throws(Failure) {
        try check(d360_curl_set_offset(easy, option, offset))
    }

    private func check(_ code: CURLcode) throws(Failure) {
        switch code {
        case CURLE_OK: return
        case CURLE_OUT_OF_MEMORY: throw .outOfMemory
        default: throw .fault("libcurl rejected an option: \(String(cString: curl_easy_strerror(code)))")
        }
    }
}

/// A request's header lines; freed with it.
private final class HeaderList {
    private(set) var list: UnsafeMutablePointer<curl_slist>?

    func append(_ line: String) throws(Failure) {
        guard let longer = curl_slist_append(list, line) else { throw .outOfMemory }
        list = longer
    }

    deinit { curl_slist_free_all(list) }
}
