import CCurl
import Support

/// The parts of a URL, as libcurl reads them.
package struct URLParts {
    package let scheme: String
    package let host: String
    package let path: String
    package let hasUserinfo: Bool
    package let hasPort: Bool
    package let hasQuery: Bool
    package let hasFragment: Bool
    /// The host's labels; one dot at the end is the root's.
    let labels: [ArraySlice<UInt8>]
    private let userinfo: String
    private let port: String
    private let query: String?
    private let fragment: String?

    /// Nil if libcurl finds no URL in the text.
    package init?(_ text: String) throws(Failure) {
        guard let url = curl_url() else { throw .outOfMemory }
        defer { curl_url_cleanup(url) }
        switch curl_url_set(url, CURLUPART_URL, text, UInt32(CURLU_NON_SUPPORT_SCHEME)) {
        case CURLUE_OK: break
        case CURLUE_OUT_OF_MEMORY: throw .outOfMemory
        default: return nil
        }
        func part(_ what: CURLUPart, _ flags: Int32 = 0) throws(Failure) -> String? {
            var value: UnsafeMutablePointer<CChar>?
            let code = curl_url_get(url, what, &value, UInt32(flags))
            guard code != CURLUE_OUT_OF_MEMORY else { throw .outOfMemory }
            guard code == CURLUE_OK, let value else { return nil }
            defer { curl_free(value) }
            return String(cString: value)
        }
        guard let scheme = try part(CURLUPART_SCHEME), let host = try part(CURLUPART_HOST), !host.isEmpty else { return nil }
        self.scheme = scheme
        self.host = host
        var labels = Array(host.utf8).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        if labels.count > 1 && labels.last?.isEmpty == true { labels.removeLast() }
        self.labels = labels
        path = try part(CURLUPART_PATH) ?? "/"
        // libcurl drops an empty userinfo, port, query and fragment, but the text has them.
        let lexical = URLText(text)
        let user = try part(CURLUPART_USER)
        userinfo = "\(user ?? ""):\(try part(CURLUPART_PASSWORD) ?? "")"
        hasUserinfo = user != nil || lexical.hasUserinfo
        port = try part(CURLUPART_PORT, Int32(CURLU_NO_DEFAULT_PORT)) ?? ""
        hasPort = try part(CURLUPART_PORT) != nil || lexical.authorityEndsInColon
        query = try part(CURLUPART_QUERY)
        fragment = try part(CURLUPART_FRAGMENT)
        hasFragment = text.utf8.contains(UInt8(ascii: "#"))
        hasQuery = text.utf8.contains(UInt8(ascii: "?"))
    }

    /// A text that is equal for URLs that are equal after normalisation: lower case for scheme and host, no default port, "/"
    /// for no path, percent-encoding only where it is needed and in upper case.
    var normalized: ExactString {
        let parts = [
            scheme.asciiLowercased, userinfo, host.asciiLowercased, port, path.isEmpty ? "/" : path, query.map { "?\($0)" } ?? "",
            fragment.map { "#\($0)" } ?? "",
        ]
        return ExactString(parts.map(PercentEncoding.normalize).joined(separator: "\n"))
    }

    /// A host that ends in a number may be resolved as an IPv4 address, such as "127.1", "0x7f.1", or with a dot at its end:
    /// url.spec.whatwg.org, "ends in a number". libcurl leaves the brackets around IPv6.
    package var hostIsAddress: Bool {
        if host.utf8.first == UInt8(ascii: "[") { return true }
        guard let last = labels.last else { return false }
        let isHexadecimal = last.starts(with: "0x".utf8) || last.starts(with: "0X".utf8)
        return isHexadecimal || last.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    }

    /// 127.0.0.0/8, [::1] or localhost. libcurl has written the address out by now, and resolves localhost itself.
    package var isLoopback: Bool {
        let host = host.asciiLowercased
        if host == "localhost" || host == "[::1]" { return true }
        let numbers = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers.first.map { $0.elementsEqual("127".utf8) } == true
            && numbers.allSatisfy { UInt8(String(decoding: $0, as: UTF8.self)) != nil }
    }

    /// At least two labels, none of them empty.
    var hostHasDot: Bool { labels.count >= 2 && !labels.contains { $0.isEmpty } }
}
