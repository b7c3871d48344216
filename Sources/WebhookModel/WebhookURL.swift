import CCurl

extension Judge {
    /// Bytes that a webhook's URL may have. *Ours.*
    static let maximumURLBytes = 2_048

    /// A webhook's URL; libcurl's URL API says what is one.
    func url(_ json: JSON, at path: String) throws(Failure) -> ExactText {
        let text = try string(json, at: path)
        guard json.kind == .string else { return ExactText(text) }
        if text.utf8.count > Self.maximumURLBytes {
            try refuse(.ours, "url is longer than \(Self.maximumURLBytes) bytes", at: path)
        }
        guard policy != .none else { return ExactText(text) }
        let schemes = policy == .cloud ? ["https://"] : ["https://", "http://"]
        let hasScheme = schemes.contains { URLParts.begins(text, with: $0) }
        if !hasScheme {
            try refuse(.documented, "url must begin with \(policy == .cloud ? "https://" : "https:// or http://")", at: path)
        }
        guard let parts = URLParts(text) else {
            if hasScheme { try refuse(.safety, "url is not a valid URL", at: path) }
            return ExactText(text)
        }
        if parts.hasUserinfo { try refuse(.safety, "url holds userinfo, which a webhook may not have", at: path) }
        if parts.hasFragment { try refuse(.safety, "url has a fragment, which a webhook may not have", at: path) }
        if policy == .cloud { try hostRules(parts, at: path) }
        return ExactText(text)
    }

    private func hostRules(_ parts: URLParts, at path: String) throws(Failure) {
        if parts.hasPort { try refuse(.documented, "url names a port, which a webhook's host may not have", at: path) }
        if parts.host.utf8.contains(UInt8(ascii: "_")) {
            try refuse(.documented, "url has an underscore in its host, which a webhook's host may not have", at: path)
        }
        if parts.hostIsAddress {
            try refuse(.safety, "url names an IP address, where a webhook needs a host name", at: path)
        } else if !parts.hostHasDot {
            try refuse(.safety, "url needs a host name with a dot", at: path)
        }
    }
}

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
    public init?(_ text: String) {
        guard let url = curl_url() else { return nil }
        defer { curl_url_cleanup(url) }
        guard curl_url_set(url, CURLUPART_URL, text, UInt32(CURLU_NON_SUPPORT_SCHEME)) == CURLUE_OK else { return nil }
        func part(_ what: CURLUPart) -> String? {
            var value: UnsafeMutablePointer<CChar>?
            guard curl_url_get(url, what, &value, 0) == CURLUE_OK, let value else { return nil }
            defer { curl_free(value) }
            return String(cString: value)
        }
        guard let scheme = part(CURLUPART_SCHEME), let host = part(CURLUPART_HOST), !host.isEmpty else { return nil }
        self.scheme = scheme
        self.host = host
        path = part(CURLUPART_PATH) ?? "/"
        // libcurl drops an empty userinfo, port, query and fragment; they are there all the same.
        let rest = text.utf8.drop { $0 != UInt8(ascii: ":") }.dropFirst(3)
        let authority = rest.prefix { !"/?#".utf8.contains($0) }
        hasUserinfo = part(CURLUPART_USER) != nil || authority.contains(UInt8(ascii: "@"))
        hasPort = part(CURLUPART_PORT) != nil || authority.last == UInt8(ascii: ":")
        hasFragment = text.utf8.contains(UInt8(ascii: "#"))
        hasQuery = text.utf8.contains(UInt8(ascii: "?"))
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
        guard let last = host.utf8.split(separator: UInt8(ascii: ".")).last else { return false }
        let isHexadecimal = last.starts(with: "0x".utf8) || last.starts(with: "0X".utf8)
        return isHexadecimal || last.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    }

    /// At least two labels, none of them empty; one dot at the end is the root's.
    var hostHasDot: Bool {
        var labels = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        if labels.last?.isEmpty == true { labels.removeLast() }
        return labels.count >= 2 && !labels.contains { $0.isEmpty }
    }
}

func asciiLowercase(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }
