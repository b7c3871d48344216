import WebhookModel

extension JSON {
    /// What a service's words about this request may not repeat: header values, and what URLs lose.
    var secrets: [String] {
        var secrets: [String] = []
        for (name, value) in members {
            switch name {
            case "headers": secrets += value.members.compactMap { $0.value.string }
            case "url": secrets += Self.secrets(ofURL: value.string ?? "")
            default: secrets += value.elements.flatMap { $0.secrets }
            }
        }
        return secrets
    }

    /// Query and fragment, their values one by one, and userinfo.
    private static func secrets(ofURL url: String) -> [String] {
        let bytes = Array(url.utf8)
        var secrets: [String] = []
        if let start = bytes.firstIndex(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }) {
            let tail = bytes[(start + 1)...]
            secrets.append(String(decoding: tail, as: UTF8.self))
            for pair in tail.split(whereSeparator: { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: "#") }) {
                let value = pair.split(separator: UInt8(ascii: "="), maxSplits: 1).last ?? pair
                if value.count >= 6 { secrets.append(String(decoding: value, as: UTF8.self)) }
            }
        }
        if let colon = bytes.firstIndex(of: UInt8(ascii: ":")) {
            let authority = bytes.dropFirst(colon + 3).prefix { !"/?#".utf8.contains($0) }
            if let at = authority.lastIndex(of: UInt8(ascii: "@")) {
                secrets.append(String(decoding: authority[..<at], as: UTF8.self))
            }
        }
        return secrets
    }
}
