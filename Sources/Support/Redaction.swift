/// Keeps secrets out of texts that leave the library.
package enum Redaction {
    /// A URL without userinfo, query and fragment, however broken it is.
    package static func url(_ text: String) -> String { URLText.isRedacted(text) ? text : URLText(text).redacted }

    /// Comes in place of a text that is not repeated.
    package static let withheld = "the service's text is withheld: it may repeat a secret"

    /// A service's own words on one line, at most `most` scalars of them. They are withheld if they may repeat one of `secrets`
    /// or hold what URLs lose, in any encoding.
    package static func redacted(_ text: String, without secrets: Secrets, most: Int = 1_000) -> String {
        let start = Array(text.utf8.prefix(maximumBytes))
        let (decoded, digits) = Decoding.all(start)
        let readings = Set([start] + decoded)
        let isUnsafe =
            readings.contains { holdsPrivateURL($0) } || secrets.texts.contains { isRepeated($0, in: readings, orIn: digits) }
            || secrets.others?.isRepeated(in: (readings + digits).map(skeleton)) == true
        return isUnsafe ? withheld : String(String.UnicodeScalarView(text.unicodeScalars.prefix(most))).sanitized
    }

    /// Only the beginning is read; it is longer than all that is shown.
    private static let maximumBytes = 16_384
    /// So many letters and digits in a row that a text has in common with a secret are a part of it.
    static let commonRun = 8

    /// A URL with userinfo, query or fragment, or a sentence that looks like one.
    private static func holdsPrivateURL(_ text: [UInt8]) -> Bool {
        guard let start = text.indices.first(where: { text[$0...].starts(with: "://".utf8) }) else { return false }
        return text[start...].contains { "@?#".utf8.contains($0) }
    }

    /// A short secret is not looked for in `digits`: most of what they make is noise.
    private static func isRepeated(_ secret: String, in readings: Set<[UInt8]>, orIn digits: [[UInt8]]) -> Bool {
        let secret = Array(secret.utf8)
        let letters = skeleton(secret)
        // Of a secret like "1" or "on" only a word of its own is a repetition.
        if letters.count < 6 { return !secret.isEmpty && readings.contains { holdsWord(secret, $0) } }
        let length = min(letters.count, commonRun)
        let runs = Set((0...(letters.count - length)).map { letters[$0..<($0 + length)] })
        func hasCommonRun(_ reading: [UInt8]) -> Bool {
            let text = skeleton(reading)
            guard text.count >= length else { return false }
            return (0...(text.count - length)).contains { runs.contains(text[$0..<($0 + length)]) }
        }
        return readings.contains(where: hasCommonRun) || digits.contains(where: hasCommonRun)
    }

    /// Letters and digits alone, in lower case: quotes, escapes, blanks and case hide nothing.
    static func skeleton(_ text: [UInt8]) -> [UInt8] { text.filter(isWord).map(asciiLowercase) }

    private static func holdsWord(_ word: [UInt8], _ text: [UInt8]) -> Bool {
        guard text.count >= word.count else { return false }
        return (0...(text.count - word.count)).contains { start in
            let end = start + word.count
            return text[start..<end].elementsEqual(word) { asciiLowercase($0) == asciiLowercase($1) }
                && (start == 0 || !isWord(text[start - 1])) && (end == text.count || !isWord(text[end]))
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...0xFF: true
        default: false
        }
    }
}

/// The texts that an encoded text may be an encoding of.
private enum Decoding {
    /// Texts: without escapes of JSON, percent-encoding and HTML's entities, as often as they were put one over another; and the
    /// contents of base64 and hexadecimal words. Digits: see `hexadecimal`.
    static func all(_ text: [UInt8]) -> (texts: [[UInt8]], digits: [[UInt8]]) {
        var decoded: [[UInt8]] = []
        var plain = text
        for _ in 0..<4 {
            let next = unescaped(plain)
            if next == plain { break }
            plain = next
            decoded.append(plain)
        }
        for word in plain.split(whereSeparator: { !isBase64($0) }) where word.count >= 8 {
            // A word may begin with what does not belong to it, such as a path's slash.
            for skipped in 0..<4 { decoded.append(base64(word.dropFirst(skipped))) }
            if let bytes = Hexadecimal.decode(word) { decoded.append(bytes) }
        }
        return (decoded, hexadecimal(text) + hexadecimal(plain))
    }

    /// All hexadecimal digits of a text as bytes, however they are grouped and prefixed; once from the first digit and once from
    /// the second, as digits of other words may come before.
    private static func hexadecimal(_ text: [UInt8]) -> [[UInt8]] {
        var digits: [UInt8] = []
        for (index, byte) in text.enumerated() {
            guard let digit = Hexadecimal.value(byte) else { continue }
            let isPrefix = digit == 0 && index + 1 < text.count && asciiLowercase(text[index + 1]) == UInt8(ascii: "x")
            if !isPrefix { digits.append(digit) }
        }
        return (0...1).map { start in
            stride(from: start, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        }
    }

    private static func unescaped(_ text: [UInt8]) -> [UInt8] {
        var plain: [UInt8] = []
        var units: [UInt16] = []  // of JSON escapes side by side: two of them can be one scalar
        var rest = text[...]
        func flush() {
            plain += Array(String(decoding: units, as: UTF16.self).utf8)
            units.removeAll()
        }
        while let byte = rest.first {
            if byte == UInt8(ascii: "\\"), rest.dropFirst().first.map(asciiLowercase) == UInt8(ascii: "u"),
                let unit = number(rest.dropFirst(2).prefix(4), radix: 16, digits: 4)
            {
                units.append(UInt16(unit))
                rest = rest.dropFirst(6)
                continue
            }
            flush()
            if byte == UInt8(ascii: "%"), let value = number(rest.dropFirst().prefix(2), radix: 16, digits: 2) {
                plain.append(UInt8(value))
                rest = rest.dropFirst(3)
            } else if byte == UInt8(ascii: "&"), let (character, length) = entity(rest) {
                plain += character
                rest = rest.dropFirst(length)
            } else if byte == UInt8(ascii: "\\"), rest.count > 1 {
                rest = rest.dropFirst()
                plain.append(rest.removeFirst())
            } else {
                plain.append(rest.removeFirst())
            }
        }
        flush()
        return plain
    }

    /// HTML's entity at the beginning, and its length. One of a number ends where its digits end, with a semicolon or without.
    private static func entity(_ text: ArraySlice<UInt8>) -> (character: [UInt8], length: Int)? {
        var digits = text.dropFirst()
        guard digits.first == UInt8(ascii: "#") else { return namedEntity(text) }
        digits = digits.dropFirst()
        let radix = digits.first.map(asciiLowercase) == UInt8(ascii: "x") ? 16 : 10
        if radix == 16 { digits = digits.dropFirst() }
        digits = digits.prefix { Hexadecimal.value($0).map { $0 < radix } ?? false }
        let hasSemicolon = text[digits.endIndex...].first == UInt8(ascii: ";")
        guard let code = number(digits.drop { $0 == UInt8(ascii: "0") }, radix: radix), let scalar = Unicode.Scalar(UInt32(code))
        else { return nil }
        return (Array(String(Character(scalar)).utf8), digits.endIndex - text.startIndex + (hasSemicolon ? 1 : 0))
    }

    private static func namedEntity(_ text: ArraySlice<UInt8>) -> (character: [UInt8], length: Int)? {
        guard let end = text.prefix(6).firstIndex(of: UInt8(ascii: ";")) else { return nil }
        let character: Character
        switch String(decoding: text[(text.startIndex + 1)..<end], as: UTF8.self).asciiLowercased {
        case "amp": character = "&"
        case "lt": character = "<"
        case "gt": character = ">"
        case "quot": character = "\""
        case "apos": character = "'"
        default: return nil
        }
        return (Array(String(character).utf8), end + 1 - text.startIndex)
    }

    private static func number(_ text: some Collection<UInt8>, radix: Int, digits: Int? = nil) -> Int? {
        guard text.count > 0 && text.count <= 7 && digits ?? text.count == text.count else { return nil }
        var number = 0
        for byte in text {
            guard let digit = Hexadecimal.value(byte), digit < radix else { return nil }
            number = number * radix + Int(digit)
        }
        return number
    }

    private static func isBase64(_ byte: UInt8) -> Bool { base64Value(byte) != nil }

    private static func base64Value(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }

    private static func base64(_ word: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in word {
            bits = bits << 6 | (base64Value(byte) ?? 0)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }
}
