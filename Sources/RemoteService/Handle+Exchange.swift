import CCurl
import Support
import WebhookModel

extension Handle {
    /// A handle with what never changes from call to call.
    convenience init(for base: BaseURL, _ options: RemoteOptions, agent: String) throws(Failure) {
        try self.init()
        try set(CURLOPT_NOSIGNAL, long: 1)
        try set(CURLOPT_QUICK_EXIT, long: 1)  // a name lookup that hangs does not hold up a cancel
        try set(CURLOPT_PATH_AS_IS, long: 1)
        try set(CURLOPT_SSLVERSION, long: Int(CURL_SSLVERSION_TLSv1_2))
        try set(CURLOPT_PROTOCOLS_STR, text: "http,https")
        try set(CURLOPT_ACCEPT_ENCODING, text: "")
        try set(CURLOPT_USERAGENT, text: agent)
        try check(d360_curl_close_sockets_on_exec(easy))
        if let file = options.caFile { try set(CURLOPT_CAINFO, text: file) }
        if base.isLoopback {
            try set(CURLOPT_PROXY, text: "")
        } else if let proxy = options.proxy {
            try set(CURLOPT_PROXY, text: proxy)
        }
    }

    func exchange(
        _ operation: Operation, at url: String, body: String?, key: APIKey, call: Call, deadline: Deadline, isRepeated: Bool
    ) throws(Failure) -> Exchange {
        let isReading = operation.kind.method == .get
        let headers = HeaderList()
        try headers.append("Accept: application/json")
        try headers.append("D360-API-KEY: \(key.text)")
        if body != nil {
            try headers.append("Content-Type: application/json")
            try headers.append("Expect:")
        }
        let left = max(1, deadline.milliseconds)
        try set(CURLOPT_URL, text: url)
        try set(CURLOPT_HTTPHEADER, pointer: UnsafeMutableRawPointer(headers.list))
        try set(CURLOPT_TIMEOUT_MS, long: Int(left))
        try set(CURLOPT_CONNECTTIMEOUT_MS, long: min(Int(call.settings.connectTimeout.milliseconds), Int(left)))
        try set(CURLOPT_FRESH_CONNECT, long: isRepeated ? 1 : 0)
        defer { d360_curl_set_pointer(easy, CURLOPT_HTTPHEADER, nil) }
        guard var body else {
            try set(CURLOPT_HTTPGET, long: 1)
            try set(CURLOPT_CUSTOMREQUEST, text: isReading ? nil : operation.kind.method.rawValue)
            return run(call, limit: call.settings.maxResponseBytes, maySendTwice: isReading)
        }
        try set(CURLOPT_POST, long: 1)
        try set(CURLOPT_CUSTOMREQUEST, text: operation.kind.method.rawValue)
        try set(CURLOPT_POSTFIELDSIZE_LARGE, offset: curl_off_t(body.utf8.count))
        return body.withUTF8 { bytes in
            d360_curl_set_pointer(easy, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            defer { d360_curl_set_pointer(easy, CURLOPT_POSTFIELDS, nil) }
            return run(call, limit: call.settings.maxResponseBytes, maySendTwice: false)
        }
    }

    // An option that was not set could make another request of it: a DELETE without its method is a GET.

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
        default: throw .fault("libcurl refused an option: \(String(cString: curl_easy_strerror(code)))")
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
