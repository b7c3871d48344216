/// Removes secrets from texts before they leave the library.
package enum Redaction {
    /// A URL without userinfo, query and fragment, however broken it is.
    package static func url(_ text: String) -> String { URLText(text).redacted }

    /// A service's own words, without `secrets` and without what URLs lose, on one line, no longer than `most` scalars.
    ///
    /// A secret of fewer than 6 bytes is taken out only where it stands alone: else a header's value of "1" would take
    /// every digit out of the text. One that stands there with JSON's escapes is found too; the text loses them then.
    /// Of one longer than `longestSecret` bytes its beginning is looked for, and all behind that is cut off.
    package static func words(_ text: String, without secrets: [String], most: Int = 1_000) -> String {
        let secrets = Set(secrets).map { Array($0.utf8.prefix(longestSecret)) }.filter { !$0.isEmpty }.sorted {
            $0.count > $1.count
        }
        // What is cut off may begin with a part of a secret, escaped at most sixfold: it is cut again before that part.
        let longest = 6 * (secrets.first?.count ?? 0)
        var bytes = Array(text.utf8.prefix(4 * most + longest))
        let isCut = bytes.count < text.utf8.count
        bytes = without(secrets, bytes)
        let plain = unescaped(bytes)
        let hidesURL = plain != bytes && find(Array("://".utf8), in: plain[...]) != nil
        if hidesURL || secrets.contains(where: { first($0, in: plain[...]) != nil }) { bytes = without(secrets, plain) }
        if isCut { bytes.removeLast(min(longest, bytes.count)) }
        return String(String.UnicodeScalarView(urls(in: bytes).unicodeScalars.prefix(most))).sanitized
    }

    private static let longestSecret = 1_000

    private static func without(_ secrets: [[UInt8]], _ text: [UInt8]) -> [UInt8] {
        var text = text
        for secret in secrets {
            var kept: [UInt8] = []
            var rest = text[...]
            while let start = first(secret, in: rest) {
                kept += rest[..<start] + Array("***".utf8)
                rest = secret.count < longestSecret ? rest[(start + secret.count)...] : []
            }
            text = kept + rest
        }
        return text
    }

    /// Where a secret begins.
    private static func first(_ secret: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
        var rest = text
        while let start = find(secret, in: rest) {
            let end = start + secret.count
            let standsAlone =
                (start == text.startIndex || !isWord(text[start - 1])) && (end == text.endIndex || !isWord(text[end]))
            if secret.count >= 6 || standsAlone { return start }
            rest = rest[(start + 1)...]
        }
        return nil
    }

    private static func find(_ wanted: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
        var rest = text
        while let start = rest.firstIndex(where: { $0 == wanted.first }) {
            if rest[start...].starts(with: wanted) { return start }
            rest = rest[(start + 1)...]
        }
        return nil
    }

    /// Without the escapes of JSON strings, as often as they were put one over another.
    private static func unescaped(_ text: [UInt8]) -> [UInt8] {
        var text = text
        for _ in 0..<4 {
            let plain = unescapedOnce(text)
            if plain == text { break }
            text = plain
        }
        return text
    }

    private static func unescapedOnce(_ text: [UInt8]) -> [UInt8] {
        var units: [UInt16] = []  // of escapes side by side: two of them can be one scalar
        var plain: [UInt8] = []
        var rest = text[...]
        func flush() {
            plain += Array(String(decoding: units, as: UTF16.self).utf8)
            units.removeAll()
        }
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let escape = rest.first else {
                flush()
                plain.append(byte)
                continue
            }
            rest = rest.dropFirst()
            if escape == UInt8(ascii: "u"), rest.count >= 4,
                let unit = UInt16(String(decoding: rest.prefix(4), as: UTF8.self), radix: 16)
            {
                units.append(unit)
                rest = rest.dropFirst(4)
            } else {
                flush()
                plain.append(escape)
            }
        }
        flush()
        return plain
    }

    /// Every run of non-blank characters that holds "://" is taken for a URL, up to what no URL holds.
    private static func urls(in bytes: [UInt8]) -> String {
        let delimiters = Set(" \t\r\n\"<>".utf8)
        var kept = ""
        var run: [UInt8] = []
        func flush() {
            defer { run.removeAll() }
            let text = String(decoding: run, as: UTF8.self)
            guard find(Array("://".utf8), in: run[...]) != nil else {
                kept += text
                return
            }
            kept += url(text)
            // The sentence's own, most likely.
            if let last = run.last, "'),.;:".utf8.contains(last), kept.utf8.last != last {
                kept.unicodeScalars.append(Unicode.Scalar(last))
            }
        }
        for byte in bytes {
            if delimiters.contains(byte) {
                flush()
                kept.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                run.append(byte)
            }
        }
        flush()
        return kept
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...0xFF: true
        default: false
        }
    }
}
