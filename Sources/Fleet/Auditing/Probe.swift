import CCurl
import Crypto
import Glibc
import Support
import WebhookModel

/// What a receiver said when it was asked whether it is there.
enum ProbeResult: Sendable {
    case fine
    /// Another HTTP status than 200.
    case status(Int)
    /// No answer: libcurl's words.
    case failed(String)
    case cancelled
}

/// POST {} to a webhook, as the service would send an event: 5 s, no redirects, 200 expected.
struct Probe {
    private static let limit = 5_000
    private static let body: StaticString = "{}"

    let webhook: Webhook
    /// The digest of the body under the probe's secret; nil: unsigned.
    let signature: String?
    let policy: URLPolicy

    init(_ webhook: Webhook, secret: String?, policy: URLPolicy) throws(Failure) {
        self.webhook = webhook
        self.policy = policy
        guard let secret else {
            signature = nil
            return
        }
        signature = try HMACSHA256.hexadecimal(Array("{}".utf8), under: secret)
    }

    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    func run(_ call: Call) throws(Failure) -> ProbeResult {
        guard Self.isReady else { throw .fault("curl_global_init failed") }
        guard let easy = curl_easy_init() else { throw .outOfMemory }
        defer { curl_easy_cleanup(easy) }
        guard let multi = curl_multi_init() else { throw .outOfMemory }
        defer { curl_multi_cleanup(multi) }
        var lines: UnsafeMutablePointer<curl_slist>?
        defer { curl_slist_free_all(lines) }
        for line in headerLines() {
            guard let longer = curl_slist_append(lines, line) else { throw .outOfMemory }
            lines = longer
        }
        let codes = [
            d360_curl_set_text(easy, CURLOPT_URL, webhook.url.string),
            d360_curl_set_text(easy, CURLOPT_PROTOCOLS_STR, policy == .cloud ? "https" : "http,https"),
            d360_curl_set_long(easy, CURLOPT_NOSIGNAL, 1), d360_curl_set_long(easy, CURLOPT_QUICK_EXIT, 1),
            d360_curl_set_long(easy, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
            d360_curl_set_long(easy, CURLOPT_TIMEOUT_MS, Self.limit), d360_curl_close_sockets_on_exec(easy),
            d360_curl_set_long(easy, CURLOPT_POST, 1),
            d360_curl_set_long(easy, CURLOPT_POSTFIELDSIZE, Self.body.utf8CodeUnitCount),
            d360_curl_set_pointer(easy, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: Self.body.utf8Start)),
            d360_curl_set_pointer(easy, CURLOPT_HTTPHEADER, UnsafeMutableRawPointer(lines)),
            d360_curl_set_write(easy) { _, size, count, _ in size * count },
        ]
        guard codes.allSatisfy({ $0 == CURLE_OK }) else { throw .outOfMemory }
        // A receiver on this machine is not behind a proxy.
        if (try URLParts(webhook.url.string))?.isLoopback == true {
            guard d360_curl_set_text(easy, CURLOPT_PROXY, "") == CURLE_OK else { throw .outOfMemory }
        }
        return withoutSIGPIPE { transfer(easy, multi, call) }
    }

    /// A value that is empty is sent all the same; the webhook's own headers win over ours.
    private func headerLines() -> [String] {
        let given = webhook.headers.fields.map { $0.value.string.isEmpty ? "\($0.name);" : "\($0.name): \($0.value.string)" }
        let names = Set(webhook.headers.sorted.map { $0.foldedName })
        var lines = ["Expect:"]
        if !names.contains("content-type") { lines.append("Content-Type: application/json") }
        if let signature { lines.append("x-360dialog-signature: \(signature)") }
        return lines + given
    }

    private func transfer(_ easy: UnsafeMutableRawPointer, _ multi: UnsafeMutableRawPointer, _ call: Call) -> ProbeResult {
        guard curl_multi_add_handle(multi, easy) == CURLM_OK else { return .failed("out of memory") }
        defer { curl_multi_remove_handle(multi, easy) }
        var running: Int32 = 1
        while true {
            if call.isCancelled { return .cancelled }
            guard curl_multi_perform(multi, &running) == CURLM_OK else { return .failed("out of memory") }
            if running == 0 { break }
            curl_multi_poll(multi, nil, 0, Int32(Cancellation.period.milliseconds), nil)
        }
        var left: Int32 = 0
        let code = curl_multi_info_read(multi, &left).map { $0.pointee.data.result } ?? CURLE_OUT_OF_MEMORY
        guard code == CURLE_OK else { return .failed(String(cString: curl_easy_strerror(code))) }
        var status = 0
        d360_curl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
        return status == 200 ? .fine : .status(status)
    }
}
