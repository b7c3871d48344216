extension Judge {
    /// Bytes that a webhook's URL may have. *Ours.*
    static let maximumURLBytes = 2_048

    /// A webhook's URL; libcurl's URL API says what is one.
    public func url(_ json: JSON, at path: String) throws(Failure) -> ExactText {
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
        guard let parts = try URLParts(text) else {
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
