import CCurl

/// What a URL is made of, as libcurl reads it.
public struct URLParts {
    public let scheme: String
    public let host: String
    public let path: String
    public let hasUserinfo: Bool
    public let hasPort: Bool
    public let hasQuery: Bool
    public let hasFragment: Bool

    /// Nil where libcurl finds no URL in it.
    public init?(_ text: String) throws(Failure) {
        guard let url = curl_url() else { throw .outOfMemory }
        defer { curl_url_cleanup(url) }
        switch curl_url_set(url, CURLUPART_URL, text, UInt32(CURLU_NON_SUPPORT_SCHEME)) {
        case CURLUE_OK: break
        case CURLUE_OUT_OF_MEMORY: throw .outOfMemory
        default: return nil
        }
        func part(_ what: CURLUPart) throws(Failure) -> String? {
            var value: UnsafeMutablePointer<CChar>?
            let code = curl_url_get(url, what, &value, 0)
            guard code != CURLUE_OUT_OF_MEMORY else { throw .outOfMemory }
            guard code == CURLUE_OK, let value else { return nil }
            defer { curl_free(value) }
            return String(cString: value)
        }
        guard let scheme = try part(CURLUPART_SCHEME), let host = try part(CURLUPART_HOST), !host.isEmpty else { return nil }
        self.scheme = scheme
        self.host = host
        path = try part(CURLUPART_PATH) ?? "/"
        // libcurl drops an empty userinfo, port, query and fragment; they are there all the same.
        let bytes = Array(text.utf8)
        let authority = bytes.drop { $0 != UInt8(ascii: ":") }.dropFirst(3).prefix {
            $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#")
        }
        hasUserinfo = try part(CURLUPART_USER) != nil || authority.contains(UInt8(ascii: "@"))
        hasPort = try part(CURLUPART_PORT) != nil || authority.last == UInt8(ascii: ":")
        hasFragment = bytes.contains(UInt8(ascii: "#"))
        hasQuery = bytes.contains(UInt8(ascii: "?"))
    }

    /// Schemes are compared without regard to case: RFC 3986, 3.1. libcurl would also take "https:/host" and
    /// "https:///host" for what is meant.
    public static func begins(_ text: String, with scheme: String) -> Bool {
        let start = text.utf8.prefix(scheme.utf8.count)
        let rest = text.utf8.dropFirst(scheme.utf8.count).first
        return start.elementsEqual(scheme.utf8) { asciiLowercase($0) == $1 } && rest != UInt8(ascii: "/")
    }

    /// Whoever resolves it may take a host that ends in a number for an IPv4 address, be it "127.1", "0x7f.1" or with a dot
    /// at its end: url.spec.whatwg.org, "ends in a number". libcurl leaves the brackets around IPv6.
    public var hostIsAddress: Bool {
        if host.utf8.first == UInt8(ascii: "[") { return true }
        guard let last = labels.last else { return false }
        let isHexadecimal = last.starts(with: "0x".utf8) || last.starts(with: "0X".utf8)
        return isHexadecimal || last.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    }

    /// 127.0.0.0/8, [::1], localhost. libcurl has written the address out by now, and resolves localhost itself.
    public var isLoopback: Bool {
        let host = host.lowercased()
        if host == "localhost" || host == "[::1]" { return true }
        let numbers = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers.first.map { $0.elementsEqual("127".utf8) } == true
            && numbers.allSatisfy { UInt8(String(decoding: $0, as: UTF8.self)) != nil }
    }

    /// At least two labels, none of them empty.
    var hostHasDot: Bool { labels.count >= 2 && !labels.contains { $0.isEmpty } }

    /// Between the dots; one dot at the end is the root's.
    private var labels: [ArraySlice<UInt8>] {
        var labels = Array(host.utf8).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        if labels.count > 1 && labels.last?.isEmpty == true { labels.removeLast() }
        return labels
    }
}

func asciiLowercase(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }
