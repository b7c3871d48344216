import CCurl
import Support

/// One libcurl handle with its connection; used by one call at a time, kept for the next.
///
/// The easy handle has a multi handle of its own: `curl_easy_perform` would not look at a cancel for a second.
final class Handle {
    let easy: UnsafeMutableRawPointer
    private let multi: UnsafeMutableRawPointer
    /// What libcurl says of a failure; 256 bytes.
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    /// What the exchange under way has received; the callbacks below fill it.
    private var received = Received()

    private struct Received {
        var body: [UInt8] = []
        var limit = 0
        var isTooLong = false
        /// The blank line after the headers was seen: libcurl takes headers that are cut for an answer without body.
        var hasHeaders = false
        /// How often a connection was ready and the request about to be written.
        var sendings = 0
        var maySendTwice = true
    }

    convenience init() throws(Failure) {
        guard let easy = curl_easy_init() else { throw .outOfMemory }
        guard let multi = curl_multi_init() else {
            curl_easy_cleanup(easy)
            throw .outOfMemory
        }
        self.init(easy, multi)
    }

    private init(_ easy: UnsafeMutableRawPointer, _ multi: UnsafeMutableRawPointer) {
        self.easy = easy
        self.multi = multi
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        let context = Unmanaged.passUnretained(self).toOpaque()
        d360_curl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
        d360_curl_set_pointer(easy, CURLOPT_WRITEDATA, context)
        d360_curl_set_pointer(easy, CURLOPT_HEADERDATA, context)
        d360_curl_set_pointer(easy, CURLOPT_PREREQDATA, context)
        d360_curl_set_write(easy) { data, size, count, context in
            Handle.from(context)?.take(data, size * count) ?? 0
        }
        d360_curl_set_headers(easy) { data, size, count, context in
            Handle.from(context)?.takeHeader(data, size * count)
            return size * count
        }
        d360_curl_set_prereq(easy) { context, _, _, _, _ in
            Handle.from(context)?.maySend() == true ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
        }
    }

    deinit {
        withoutSIGPIPE {
            curl_easy_cleanup(easy)
            curl_multi_cleanup(multi)
        }
        errorText.deallocate()
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

    private func takeHeader(_ data: UnsafeMutablePointer<CChar>?, _ count: Int) {
        guard let data, count > 0 else { return }
        if count <= 2 && (data.pointee == 0x0D || data.pointee == 0x0A) {
            received.hasHeaders = true
        } else if count >= 5 && UnsafeRawBufferPointer(start: data, count: 5).elementsEqual("HTTP/".utf8) {
            received.hasHeaders = false  // what came before was an interim answer
        }
    }

    private func maySend() -> Bool {
        received.sendings += 1
        return received.sendings == 1 || received.maySendTwice
    }

    /// Runs the exchange that has been set up on `easy`, until it ends or `call` is cancelled.
    func run(_ call: Call, limit: Int, maySendTwice: Bool) -> Exchange {
        received.body.removeAll(keepingCapacity: received.body.capacity <= 65_536)
        received.limit = limit
        received.isTooLong = false
        received.hasHeaders = false
        received.sendings = 0
        received.maySendTwice = maySendTwice
        errorText.pointee = 0
        let code = withoutSIGPIPE { transfer(call) }
        guard let code else { return .cancelled(sent: received.sendings > 0) }
        return exchange(endedWith: code)
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

    private func exchange(endedWith code: CURLcode) -> Exchange {
        var status = 0
        d360_curl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
        if received.isTooLong || (code == CURLE_OK && received.hasHeaders) {
            var retryAfter: curl_off_t = 0
            d360_curl_get_offset(easy, CURLINFO_RETRY_AFTER, &retryAfter)
            return .answer(
                HTTPAnswer(
                    status: status, body: received.isTooLong ? nil : received.body,
                    retryAfter: retryAfter > 0 ? Int64(retryAfter) : nil))
        }
        return .failed(failure(endedWith: code), sent: received.sendings > 0)
    }

    private func failure(endedWith code: CURLcode) -> TransferFailure {
        if code == CURLE_OK { return TransferFailure(CURLE_RECV_ERROR, "the answer was cut in its headers") }
        if received.sendings > 1 && !received.maySendTwice {
            return TransferFailure(CURLE_SEND_ERROR, "the kept connection ended before an answer came")
        }
        let said = String(cString: errorText)
        return TransferFailure(code, said.isEmpty ? String(cString: curl_easy_strerror(code)) : said)
    }
}
