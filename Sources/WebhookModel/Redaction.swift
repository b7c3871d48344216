/// What texts lose before they leave the library.
public enum Redaction {
    /// Without userinfo, query and fragment, however broken the URL is.
    public static func url(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let end = bytes.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? bytes.endIndex
        let kept = bytes[..<end]
        guard let scheme = text.utf8.firstRange(of: "://") else { return String(decoding: kept, as: UTF8.self) }
        let start = scheme.upperBound
        guard start <= end else { return String(decoding: kept, as: UTF8.self) }
        let authorityEnd = kept[start...].firstIndex(of: UInt8(ascii: "/")) ?? end
        let hostStart = kept[start..<authorityEnd].lastIndex(of: UInt8(ascii: "@")).map { $0 + 1 } ?? start
        return String(decoding: kept[..<start] + kept[hostStart...], as: UTF8.self)
    }

    /// A service's own words, without `secrets` and without what URLs lose.
    ///
    /// A secret of fewer than 6 bytes is taken out only where it stands alone: else a header's value of "1" would take
    /// every digit out of the text.
    public static func words(_ text: String, without secrets: [String]) -> String {
        var bytes = Array(text.utf8)
        for secret in secrets.sorted(by: { $0.utf8.count > $1.utf8.count }) where !secret.isEmpty {
            bytes = replace(Array(secret.utf8), in: bytes)
        }
        return urls(in: bytes)
    }

    private static func replace(_ secret: [UInt8], in bytes: [UInt8]) -> [UInt8] {
        func standsAlone(_ start: Int, _ end: Int) -> Bool {
            (start == 0 || !isWord(bytes[start - 1])) && (end == bytes.count || !isWord(bytes[end]))
        }
        var kept: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let end = index + secret.count
            if end <= bytes.count, bytes[index..<end].elementsEqual(secret), secret.count >= 6 || standsAlone(index, end) {
                kept += Array("***".utf8)
                index = end
            } else {
                kept.append(bytes[index])
                index += 1
            }
        }
        return kept
    }

    /// Every run of non-blank characters that holds "://" is taken for a URL, up to a quote or bracket.
    private static func urls(in bytes: [UInt8]) -> String {
        let delimiters = Set(" \t\r\n\"'<>()`".utf8)
        var kept = ""
        var run: [UInt8] = []
        func flush() {
            let text = String(decoding: run, as: UTF8.self)
            kept += text.utf8.firstRange(of: "://") == nil ? text : url(text)
            run.removeAll()
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

extension Sequence where Element == UInt8, Self: BidirectionalCollection {
    /// Where an ASCII text begins, as offsets from the start.
    fileprivate func firstRange(of needle: String) -> Range<Int>? {
        let bytes = Array(self)
        let wanted = Array(needle.utf8)
        guard bytes.count >= wanted.count else { return nil }
        for start in 0...(bytes.count - wanted.count) where bytes[start..<start + wanted.count].elementsEqual(wanted) {
            return start..<start + wanted.count
        }
        return nil
    }
}
