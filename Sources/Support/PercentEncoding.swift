/// RFC 3986, 2.1.
package enum PercentEncoding {
    /// `text` as one path segment: all but unreserved characters are encoded, and the steps "." and ".." too.
    package static func segment(_ text: String) -> String {
        if text == "." { return "%2E" }
        if text == ".." { return "%2E%2E" }
        return encode(text, keeping: isUnreserved)
    }

    package static func encode(_ text: String, keeping isKept: (UInt8) -> Bool) -> String {
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            if isKept(byte) {
                encoded.append(byte)
            } else {
                encoded += [UInt8(ascii: "%"), digit(byte >> 4), digit(byte & 15)]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// Nil if the decoded bytes are not UTF-8. A "%" without two digits stays as it is.
    package static func decode(_ text: String) -> String? {
        var decoded: [UInt8] = []
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let high = rest.first.flatMap({ Hexadecimal.value($0) }),
                let low = rest.dropFirst().first.flatMap(Hexadecimal.value)
            {
                decoded.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte)
            }
        }
        return String(validating: decoded, as: UTF8.self)
    }

    /// The same text with digits in upper case and no unreserved character encoded: RFC 3986, 6.2.2.
    package static func normalize(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        var normalized: [UInt8] = []
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%"), let high = rest.first.flatMap({ Hexadecimal.value($0) }),
                let low = rest.dropFirst().first.flatMap({ Hexadecimal.value($0) })
            else {
                normalized.append(byte)
                continue
            }
            let decoded = high << 4 | low
            normalized += isUnreserved(decoded) ? [decoded] : [byte, digit(high), digit(low)]
            rest = rest.dropFirst(2)
        }
        return String(decoding: normalized, as: UTF8.self)
    }

    package static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "-._~".utf8.contains(byte)
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") - 10 + value }

}
