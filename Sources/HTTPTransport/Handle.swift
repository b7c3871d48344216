import CCurl
import Glibc
import Support
import WebhookModel

/// One libcurl handle with its connection. One call uses it at a time; the next one takes it over.
///
/// The easy handle has a multi handle of its own: `curl_easy_perform` would not look at a cancel for a second.
final class Handle {
    private let easy: EasyHandle
    private let multi: UnsafeMutableRawPointer
    private let proxy: String?
    /// Held while a descriptor is opened that may have to be given back at once: many at a time would leave the program none.
    private let opening: Opening
    private var holdsOpening = false
    /// libcurl's words about a failure; 256 bytes.
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    /// libcurl changes it while it closes the last connection, so it is not part of this object.
    private let socket = UnsafeMutablePointer<d360_socket>.allocate(capacity: 1)
    private var received = Received(limit: 0, maySendTwice: false)
    /// The exchange under way is one over TLS.
    private var isTLS = false

    convenience init(_ trust: Trust, proxy: String?, agent: String?, opening: Opening) throws(Failure) {
        guard let easy = curl_easy_init() else { throw .outOfMemory }
        guard let multi = curl_multi_init() else {
            curl_easy_cleanup(easy)
            throw .outOfMemory
        }
        self.init(EasyHandle(pointer: easy), multi, proxy, opening)
        try configure(trust, agent)
    }

    private init(_ easy: EasyHandle, _ multi: UnsafeMutableRawPointer, _ proxy: String?, _ opening: Opening) {
        self.easy = easy
        self.multi = multi
        self.proxy = proxy
        self.opening = opening
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        socket.initialize(to: d360_socket())
        socket.pointee.descriptor = -1
    }

    deinit {
        withoutSIGPIPE {
            curl_easy_cleanup(easy.pointer)
            curl_multi_cleanup(multi)
        }
        errorText.deallocate()
        socket.deallocate()
    }

    /// The last exchange failed because no descriptor was left.
    var lacksDescriptors: Bool { socket.pointee.lacks_descriptors || opening.withLock { _ in d360_lacks_descriptors() } }

    /// A connection is not kept if much of the process's limit of descriptors is in use.
    var mayBeKept: Bool { socket.pointee.descriptor < 0 || !socket.pointee.is_high }

    /// Runs one exchange until it ends, or the call is cancelled or its deadline passes.
    func exchange(_ request: HTTPRequest, _ call: Call) throws(Failure) -> HTTPOutcome {
        let headers = HeaderList()
        for line in request.headerLines { try headers.append(line) }
        // libcurl keeps the list until then.
        defer { withExtendedLifetime(headers) { _ = d360_curl_set_pointer(easy.pointer, CURLOPT_HTTPHEADER, nil) } }
        try easy.set(CURLOPT_HTTPHEADER, pointer: UnsafeMutableRawPointer(headers.list))
        try easy.set(CURLOPT_URL, text: request.url)
        try easy.set(CURLOPT_PROXY, text: request.bypassesProxy ? "" : proxy)
        try easy.set(CURLOPT_CUSTOMREQUEST, text: request.method == "GET" ? nil : request.method)
        guard var body = request.body else {
            try easy.set(CURLOPT_HTTPGET, long: 1)
            return try exchangeOnKeptConnection(request, call)
        }
        try easy.set(CURLOPT_POST, long: 1)
        try easy.set(CURLOPT_POSTFIELDSIZE_LARGE, offset: curl_off_t(body.utf8.count))
        let result: Result<HTTPOutcome, Failure> = body.withUTF8 { bytes in
            d360_curl_set_pointer(easy.pointer, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            defer { d360_curl_set_pointer(easy.pointer, CURLOPT_POSTFIELDS, nil) }
            do throws(Failure) { return .success(try exchangeOnKeptConnection(request, call)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private func exchangeOnKeptConnection(_ request: HTTPRequest, _ call: Call) throws(Failure) -> HTTPOutcome {
        let outcome = try exchange(request, call, onNewConnection: request.takesNewConnection)
        // Nothing was sent on the kept connection.
        guard received.hasUnaskedBytes && !socket.pointee.is_new else { return outcome }
        return try exchange(request, call, onNewConnection: true)
    }

    private func exchange(_ request: HTTPRequest, _ call: Call, onNewConnection: Bool) throws(Failure) -> HTTPOutcome {
        let left = max(1, Int(call.deadline.remaining.milliseconds))
        try easy.set(CURLOPT_TIMEOUT_MS, long: left)
        try easy.set(CURLOPT_CONNECTTIMEOUT_MS, long: min(Int(call.settings.connectTimeout.milliseconds), left))
        try easy.set(CURLOPT_FRESH_CONNECT, long: onNewConnection ? 1 : 0)
        received = Received(limit: call.settings.maxResponseBytes, maySendTwice: request.isIdempotent)
        isTLS = request.isTLS
        socket.pointee.is_new = false
        socket.pointee.lacks_descriptors = false
        errorText.pointee = 0
        errno = 0
        let code = isTLS && !Self.sendsWithoutSignal ? withoutSIGPIPE { transfer(call) } : transfer(call)
        guard let code else { return .cancelled(sent: received.wasSent) }
        return outcome(endedWith: code)
    }

    /// From 7.88 on, libcurl itself sends what OpenSSL has to send, by MSG_NOSIGNAL.
    private static let sendsWithoutSignal = curl_version_info(CURLVERSION_FIRST).pointee.version_num >= 0x07_58_00

    /// Nil: cancelled.
    private func transfer(_ call: Call) -> CURLcode? {
        guard curl_multi_add_handle(multi, easy.pointer) == CURLM_OK else { return CURLE_OUT_OF_MEMORY }
        defer { curl_multi_remove_handle(multi, easy.pointer) }
        var running: Int32 = 1
        // It looks first whether the machine has IPv6, by a socket of its own.
        var isFirst = socket.pointee.descriptor < 0
        while true {
            if call.isCancelled { return nil }
            let code = isFirst ? performHoldingOpening(&running) : curl_multi_perform(multi, &running)
            isFirst = false
            guard code == CURLM_OK else { return CURLE_OUT_OF_MEMORY }
            if running == 0 { break }
            curl_multi_poll(multi, nil, 0, Int32(Cancellation.period.milliseconds), nil)
        }
        var left: Int32 = 0
        return curl_multi_info_read(multi, &left).map { $0.pointee.data.result } ?? CURLE_OUT_OF_MEMORY
    }

    private func performHoldingOpening(_ running: inout Int32) -> CURLMcode {
        opening.withLock { _ in
            holdsOpening = true
            defer { holdsOpening = false }
            return curl_multi_perform(multi, &running)
        }
    }

    private func outcome(endedWith code: CURLcode) -> HTTPOutcome {
        guard received.isTooLong || (code == CURLE_OK && received.hasHeaders) else {
            return .failed(failure(endedWith: code), sent: received.wasSent)
        }
        var status = 0
        d360_curl_get_long(easy.pointer, CURLINFO_RESPONSE_CODE, &status)
        var retryAfter: curl_off_t = 0
        d360_curl_get_offset(easy.pointer, CURLINFO_RETRY_AFTER, &retryAfter)
        let body = received.takeBody()
        return .response(
            HTTPResponse(
                status: status, body: received.isTooLong ? nil : body,
                contentType: d360_curl_get_text(easy.pointer, CURLINFO_CONTENT_TYPE).map { String(cString: $0) },
                retryAfter: retryAfter > 0 ? .seconds(min(Int64(retryAfter), Self.longestRetryAfter)) : nil))
    }

    /// A day: no call lasts longer.
    private static let longestRetryAfter: Int64 = 86_400

    private func failure(endedWith code: CURLcode) -> TransferFailure {
        _ = received.takeBody()
        if received.hasUnaskedBytes || received.cameTooEarly {
            return TransferFailure(.network, "the service answered before it was asked")
        }
        if code == CURLE_OK { return TransferFailure(.network, "the response was cut in its headers") }
        if received.wasStoppedBeforeRepetition {
            return TransferFailure(.network, "the kept connection ended before a response came")
        }
        // libcurl says the same of a header line over 100 KB and of memory that is short.
        if code == CURLE_OUT_OF_MEMORY && received.wasSent && errno != ENOMEM {
            return TransferFailure(.malformed, "a header line is too long")
        }
        let words = String(cString: errorText)
        return TransferFailure(code, words.isEmpty ? String(cString: curl_easy_strerror(code)) : words)
    }
}

// The options that stay, and libcurl's callbacks

extension Handle {
    private func configure(_ trust: Trust, _ agent: String?) throws(Failure) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        for option in [CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_PREREQDATA] { try easy.set(option, pointer: context) }
        try easy.check(
            d360_curl_set_write(easy.pointer) { data, size, count, context in
                let bytes = UnsafeRawBufferPointer(start: data, count: size * count)
                return Handle.from(context)?.received.append(bytes) == true ? bytes.count : 0
            })
        try easy.check(
            d360_curl_set_headers(easy.pointer) { data, size, count, context in
                guard let handle = Handle.from(context) else { return 0 }
                let line = UnsafeRawBufferPointer(start: data, count: size * count)
                // In HTTP/2 an answer names its request.
                if line.starts(with: "HTTP/1".utf8), d360_curl_came_too_early(handle.easy.pointer, handle.socket) {
                    handle.received.rejectEarlyResponse()
                    return 0
                }
                // Later lines have no need to look: the record of the first was the first of all.
                handle.socket.pointee.waiting = 0
                handle.received.addHeader(line)
                return size * count
            })
        try easy.check(
            d360_curl_set_prereq(easy.pointer) { context, _, _, _, _ in
                guard let handle = Handle.from(context) else { return CURL_PREREQFUNC_ABORT }
                let hasUnaskedBytes = d360_curl_has_unasked_bytes(handle.easy.pointer, handle.socket, handle.isTLS)
                return handle.received.maySend(hasUnaskedBytes) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
            })
        try easy.check(
            d360_curl_set_sockets(easy.pointer, socket, context) { context, purpose, address in
                guard let handle = Handle.from(context) else { return -1 }
                if handle.holdsOpening { return d360_curl_open_socket(handle.socket, purpose, address) }
                return handle.opening.withLock { _ in d360_curl_open_socket(handle.socket, purpose, address) }
            })
        try easy.set(CURLOPT_ERRORBUFFER, pointer: errorText)
        guard d360_curl_keep_one_connection(multi) == CURLM_OK else { throw .fault("libcurl does not bound its connections") }
        for option in [
            CURLOPT_NOSIGNAL, CURLOPT_PATH_AS_IS, CURLOPT_SUPPRESS_CONNECT_HEADERS,
            CURLOPT_QUICK_EXIT,  // a name lookup that hangs does not hold up a cancel
        ] { try easy.set(option, long: 1) }
        try easy.set(CURLOPT_SSLVERSION, long: Int(CURL_SSLVERSION_TLSv1_2))
        try easy.set(CURLOPT_PROTOCOLS_STR, text: "http,https")
        try easy.set(CURLOPT_ACCEPT_ENCODING, text: "")
        if let agent { try easy.set(CURLOPT_USERAGENT, text: agent) }
        if let file = trust.file { try easy.set(CURLOPT_CAINFO, text: file) }
        if let folder = trust.folder { try easy.set(CURLOPT_CAPATH, text: folder) }
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> Handle? {
        context.map { Unmanaged<Handle>.fromOpaque($0).takeUnretainedValue() }
    }
}
