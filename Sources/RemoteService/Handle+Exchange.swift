import CCurl
import Waiting
import WebhookModel

extension Handle {
    /// A handle with what never changes from call to call.
    convenience init(for base: BaseURL, _ options: ServiceOptions, agent: String) throws(Failure) {
        try self.init()
        d360_curl_set_long(easy, CURLOPT_NOSIGNAL, 1)
        d360_curl_set_long(easy, CURLOPT_QUICK_EXIT, 1)  // a name lookup that hangs does not hold up a cancel
        d360_curl_set_long(easy, CURLOPT_PATH_AS_IS, 1)
        d360_curl_set_long(easy, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        d360_curl_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https")
        d360_curl_set_text(easy, CURLOPT_ACCEPT_ENCODING, "")
        d360_curl_set_text(easy, CURLOPT_USERAGENT, agent)
        d360_curl_close_sockets_on_exec(easy)
        if let file = options.caFile { d360_curl_set_text(easy, CURLOPT_CAINFO, file) }
        if base.isLoopback {
            d360_curl_set_text(easy, CURLOPT_PROXY, "")
        } else if let proxy = options.proxy {
            d360_curl_set_text(easy, CURLOPT_PROXY, proxy)
        }
    }

    func exchange(
        _ operation: Operation, at url: String, body: String?, key: APIKey, call: Call, deadline: Deadline, isRepeated: Bool
    ) throws(Failure) -> Exchange {
        let isReading = operation.method == .get
        let headers = HeaderList()
        try headers.append("Accept: application/json")
        try headers.append("D360-API-KEY: \(key.text)")
        if body != nil {
            try headers.append("Content-Type: application/json")
            try headers.append("Expect:")
        }
        let left = max(1, deadline.remaining)
        d360_curl_set_text(easy, CURLOPT_URL, url)
        d360_curl_set_pointer(easy, CURLOPT_HTTPHEADER, headers.list)
        d360_curl_set_long(easy, CURLOPT_TIMEOUT_MS, Int(left))
        d360_curl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, min(call.settings.connectTimeout, Int(left)))
        d360_curl_set_long(easy, CURLOPT_FRESH_CONNECT, isRepeated ? 1 : 0)
        defer { d360_curl_set_pointer(easy, CURLOPT_HTTPHEADER, nil) }
        guard let body else {
            d360_curl_set_long(easy, CURLOPT_HTTPGET, 1)
            d360_curl_set_text(easy, CURLOPT_CUSTOMREQUEST, isReading ? nil : operation.method.rawValue)
            return run(call, limit: call.settings.maxResponseBytes, maySendTwice: isReading)
        }
        d360_curl_set_long(easy, CURLOPT_POST, 1)
        d360_curl_set_text(easy, CURLOPT_CUSTOMREQUEST, operation.method.rawValue)
        var text = body
        return text.withUTF8 { bytes in
            d360_curl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
            d360_curl_set_pointer(easy, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            defer { d360_curl_set_pointer(easy, CURLOPT_POSTFIELDS, nil) }
            return run(call, limit: call.settings.maxResponseBytes, maySendTwice: false)
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
