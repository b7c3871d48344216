import Support

/// RFC 3492, as far as it says whether a label of a host name is valid.
enum Punycode {
    /// True for labels without the prefix "xn--", and for those with a rest that decodes to at least one character.
    static func isValidLabel(_ label: ArraySlice<UInt8>) -> Bool {
        let prefix = "xn--"
        guard label.prefix(prefix.utf8.count).elementsEqual(prefix.utf8, by: { asciiLowercase($0) == $1 }) else { return true }
        return decodes(label.dropFirst(prefix.utf8.count))
    }

    private static func decodes(_ encoded: ArraySlice<UInt8>) -> Bool {
        let delimiter = encoded.lastIndex(of: UInt8(ascii: "-"))
        var length = delimiter.map { $0 - encoded.startIndex } ?? 0
        guard encoded.prefix(length).allSatisfy({ $0 < 0x80 }) else { return false }
        var rest = delimiter.map { encoded[($0 + 1)...] } ?? encoded
        var scalar = 128
        var position = 0
        var bias = 72
        guard !rest.isEmpty else { return false }
        while !rest.isEmpty {
            let start = position
            var weight = 1
            var threshold = 36
            while true {
                guard let digit = rest.popFirst().flatMap(value) else { return false }
                position += digit * weight
                let limit = min(max(threshold - bias, 1), 26)
                if digit < limit { break }
                weight *= 36 - limit
                threshold += 36
                if position > 0x7FFF_FFFF || weight > 0x7FFF_FFFF { return false }
            }
            length += 1
            bias = adapted(position - start, length, isFirst: start == 0)
            scalar += position / length
            position = position % length + 1
            guard let code = UInt32(exactly: scalar), Unicode.Scalar(code) != nil else { return false }
        }
        return true
    }

    private static func value(_ digit: UInt8) -> Int? {
        switch asciiLowercase(digit) {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(asciiLowercase(digit) - UInt8(ascii: "a"))
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(digit - UInt8(ascii: "0")) + 26
        default: nil
        }
    }

    private static func adapted(_ delta: Int, _ length: Int, isFirst: Bool) -> Int {
        var delta = isFirst ? delta / 700 : delta / 2
        delta += delta / length
        var bias = 0
        while delta > 455 {
            delta /= 35
            bias += 36
        }
        return bias + 36 * delta / (delta + 38)
    }
}
