import JSON
import Support

/// The text of a document, or of options with a plan, split into its accounts and the rest. The tree of a whole document takes
/// ten times the memory of its text, and no cancel ends the freeing of it; the tree of one account is small.
struct DocumentText {
    /// The document with an empty array of accounts.
    let rest: String
    private let text: String
    /// The bytes of each account.
    private let places: [Range<Int>]

    /// Nil if the text is anything but an object with one array of objects as its accounts: then its tree says what is wrong.
    /// `level` is how deep the object with the accounts is; the outermost has 1.
    init?(_ text: String, level: Int = 1, _ call: Call?) throws(Failure) {
        guard text.utf8.count <= FleetDocument.maximumBytes else { return nil }
        var scanner = Scanner(level: level, call: call)
        var text = text
        guard text.withUTF8({ scanner.scan($0) }) else {
            if scanner.isCancelled { throw .cancelled }
            return nil
        }
        self.text = text
        places = scanner.places
        rest = text.withUTF8 { bytes in
            String(decoding: bytes[..<scanner.list.lowerBound], as: UTF8.self)
                + String(decoding: bytes[scanner.list.upperBound...], as: UTF8.self)
        }
    }

    var count: Int { places.count }

    /// The JSON text of an account.
    func account(_ index: Int) -> String {
        var text = text
        return text.withUTF8 { String(decoding: $0[places[index]], as: UTF8.self) }
    }
}

/// Finds the accounts by brackets and quotes; whether each is JSON is for the parser to say.
private struct Scanner {
    /// The kinds of text that may come next between the brackets of the list.
    private enum Next { case first, element, separator }

    let level: Int
    let call: Call?
    private(set) var places: [Range<Int>] = []
    /// The bytes between the brackets of the list.
    private(set) var list = 0..<0
    private(set) var isCancelled = false
    private var depth = 0
    private var start = 0
    private var isInList = false
    private var next = Next.first

    init(level: Int, call: Call?) {
        self.level = level
        self.call = call
    }

    /// False if the text is not as wanted, or if the call is cancelled.
    mutating func scan(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = 0
        while index < bytes.count {
            if index & 0xFFF == 0 || depth == level + 1 && isInList, call?.isCancelled == true {
                isCancelled = true
                return false
            }
            switch bytes[index] {
            case UInt8(ascii: "\""):
                if isInList && depth == level + 1 { return false }
                index = Self.endOfString(bytes, from: index)
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                guard open(bytes, index) else { return false }
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                guard close(bytes, index) else { return false }
            case UInt8(ascii: ",") where isInList && depth == level + 1:
                guard next == .separator else { return false }
                next = .element
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): break
            default: if isInList && depth == level + 1 { return false }
            }
            index += 1
        }
        return depth == 0 && !isInList && list.lowerBound > 0
    }

    private mutating func open(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
        depth += 1
        guard depth <= JSON.maximumDepth else { return false }
        if isInList && depth == level + 2 {
            guard next != .separator, bytes[index] == UInt8(ascii: "{") else { return false }
            start = index
        } else if depth == level + 1 && bytes[index] == UInt8(ascii: "[") && Self.isNamedAccounts(bytes, index) {
            guard list.lowerBound == 0 else { return false }
            isInList = true
            list = (index + 1)..<(index + 1)
        }
        return true
    }

    private mutating func close(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
        depth -= 1
        if isInList && depth == level + 1 {
            places.append(start..<(index + 1))
            next = .separator
        } else if isInList && depth == level {
            guard next != .element, bytes[index] == UInt8(ascii: "]") else { return false }
            isInList = false
            list = list.lowerBound..<index
        }
        return depth >= 0
    }

    /// The index of the quote that ends the string, or the last index.
    private static func endOfString(_ bytes: UnsafeBufferPointer<UInt8>, from quote: Int) -> Int {
        var index = quote + 1
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(index, bytes.count - 1)
    }

    /// True if the bracket is the value of a member that is written as `"accounts"`.
    private static func isNamedAccounts(_ bytes: UnsafeBufferPointer<UInt8>, _ bracket: Int) -> Bool {
        func skipBlanks(_ index: Int) -> Int {
            var index = index
            while index > 0, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[index - 1]) { index -= 1 }
            return index
        }
        let colon = skipBlanks(bracket)
        guard colon > 0, bytes[colon - 1] == UInt8(ascii: ":") else { return false }
        let end = skipBlanks(colon - 1)
        let name = "\"accounts\"".utf8
        guard end > name.count, bytes[(end - name.count)..<end].elementsEqual(name) else { return false }
        return bytes[end - name.count - 1] != UInt8(ascii: "\\")
    }
}
