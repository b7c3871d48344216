import JSON
import Support

extension JSON {
    /// Texts about this request must not repeat these: header values, and what URLs lose.
    package var secrets: [String] {
        var secrets: [String] = []
        for (name, value) in members {
            switch name {
            case "headers": for (_, header) in value.members { if let text = header.string { secrets.append(text) } }
            case "url": secrets += URLText(value.string ?? "").secrets
            default: for element in value.elements { secrets += element.secrets }
            }
        }
        return secrets
    }
}

extension URLText {
    /// The userinfo; the query and fragment as a whole and, from 6 bytes, each value in them.
    package var secrets: [String] {
        var secrets = userinfo.map { [$0] } ?? []
        let tail = queryAndFragment.utf8.dropFirst()
        guard !tail.isEmpty else { return secrets }
        secrets.append(String(decoding: tail, as: UTF8.self))
        for pair in tail.split(whereSeparator: { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: "#") }) {
            let value = pair.split(separator: UInt8(ascii: "="), maxSplits: 1).last ?? pair
            if value.count >= 6 { secrets.append(String(decoding: value, as: UTF8.self)) }
        }
        return secrets
    }
}
