/// Where the parts of a URL are in its text, however broken the URL is. libcurl says what the parts mean; this only says which
/// bytes belong to the authority.
package struct URLText {
    private let bytes: [UInt8]
    /// Behind the scheme and its slashes.
    private let authorityStart: Int
    private let authorityEnd: Int
    private let hostStart: Int
    /// The query or the fragment begins here.
    private let end: Int

    package init(_ text: String) {
        let bytes = Array(text.utf8)
        func authorityEnd(from start: Int) -> Int { bytes[start...].firstIndex(where: endsAuthority) ?? bytes.endIndex }
        let colon = bytes.firstIndex(of: UInt8(ascii: ":")) ?? -1
        let hasScheme = bytes.prefix(max(0, colon)).allSatisfy { PercentEncoding.isUnreserved($0) || $0 == UInt8(ascii: "+") }
        let start = bytes.dropFirst(hasScheme ? colon + 1 : 0).firstIndex { !isSlash($0) } ?? bytes.endIndex
        var end = authorityEnd(from: start)
        var at = bytes[start..<end].lastIndex(of: UInt8(ascii: "@"))
        // A password may have an unescaped "/", "?" or "#": then the first part is no host with a port, and an "@" follows.
        if at == nil, !Self.isHostAndPort(bytes[start..<end]), let later = bytes[end...].lastIndex(of: UInt8(ascii: "@")) {
            at = later
            end = authorityEnd(from: later + 1)
        }
        self.bytes = bytes
        authorityStart = start
        self.authorityEnd = end
        let hostStart = at.map { $0 + 1 } ?? start
        self.hostStart = hostStart
        self.end = bytes[hostStart...].firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? bytes.endIndex
    }

    /// A host, or a host and a numeric port: then nothing before the first slash can be a user name and the start of a password.
    private static func isHostAndPort(_ authority: ArraySlice<UInt8>) -> Bool {
        if authority.first == UInt8(ascii: "[") { return true }
        guard let colon = authority.firstIndex(of: UInt8(ascii: ":")) else { return true }
        return authority[(colon + 1)...].allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    }

    /// A text without these bytes has no userinfo, no query and no fragment.
    package static func isRedacted(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            bytes.allSatisfy { $0 != UInt8(ascii: "@") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        }
    }

    package var hasUserinfo: Bool { hostStart > authorityStart }
    package var authorityEndsInColon: Bool { bytes[hostStart..<authorityEnd].last == UInt8(ascii: ":") }

    /// The URL without userinfo, query and fragment.
    package var redacted: String { String(decoding: bytes[..<authorityStart] + bytes[hostStart..<end], as: UTF8.self) }

    /// The userinfo, without its "@"; nil if there is none.
    package var userinfo: String? {
        hasUserinfo ? String(decoding: bytes[authorityStart..<(hostStart - 1)], as: UTF8.self) : nil
    }

    /// The query and the fragment, with the character that begins them; empty if there are none.
    package var queryAndFragment: String { String(decoding: bytes[end...], as: UTF8.self) }

    /// Schemes are compared without regard to case: RFC 3986, 3.1. libcurl would also accept "https:/host" and "https:///host".
    package static func begins(_ text: String, with scheme: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            let length = scheme.utf8.count
            return bytes.prefix(length).elementsEqual(scheme.utf8) { asciiLowercase($0) == $1 }
                && bytes.dropFirst(length).first != UInt8(ascii: "/")
        }
    }
}

private func isSlash(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\") }

private func endsAuthority(_ byte: UInt8) -> Bool { isSlash(byte) || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#") }
