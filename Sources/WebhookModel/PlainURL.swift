import Support

/// The usual kind of URL: it passes the rules of every policy and is in normal form, so libcurl need not look at it.
enum PlainURL {
    /// `https://`, a host of at least two labels, and a path. No percent-encoding, no query, no segment that begins with a dot.
    static func matches(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            let scheme = "https://".utf8
            guard bytes.count <= RequestValidator.maximumURLBytes, bytes.starts(with: scheme) else { return false }
            let rest = bytes[scheme.count...]
            guard let slash = rest.firstIndex(of: UInt8(ascii: "/")) else { return false }
            return isHost(rest[..<slash]) && isPath(rest[slash...])
        }
    }

    private static func isHost(_ host: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        guard host.count <= RequestValidator.maximumHostBytes else { return false }
        var labels = 0
        var start = host.startIndex
        for index in host.startIndex...host.endIndex where index == host.endIndex || host[index] == UInt8(ascii: ".") {
            let label = host[start..<index]
            let isLast = index == host.endIndex
            guard isLabel(label), !isLast || label.first.map({ isLetter($0) }) == true else { return false }
            labels += 1
            start = index + 1
        }
        return labels >= 2
    }

    /// A label with hyphens in third and fourth place may be Punycode.
    private static func isLabel(_ label: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        guard let first = label.first, let last = label.last, label.count <= RequestValidator.maximumLabelBytes else {
            return false
        }
        let hyphen = UInt8(ascii: "-")
        return first != hyphen && last != hyphen && !label.dropFirst(2).starts(with: "--".utf8)
            && label.allSatisfy { isLetter($0) || isDigit($0) || $0 == hyphen }
    }

    private static func isPath(_ path: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        var before: UInt8 = 0
        for byte in path {
            let isDot = byte == UInt8(ascii: ".") && before != UInt8(ascii: "/")
            guard isDot || isLetter(asciiLowercase(byte)) || isDigit(byte) || "/-_~".utf8.contains(byte) else { return false }
            before = byte
        }
        return true
    }

    private static func isLetter(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") }
    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
