import Support

/// A JSON text without escapes, fractions, exponents and objects of many members, as most texts are. It takes a tenth of the time
/// and of the memory that jansson's tree takes.
///
/// Each plain text is one that jansson accepts, and means the same. Of all others jansson decides, so what is wrong with a text is
/// said in one place.
final class PlainText {
    struct Node {
        let kind: JSON.Kind
        /// Its bytes in the text, of a string without the quotes.
        fileprivate var start: UInt32
        fileprivate var end: UInt32
        fileprivate var following: UInt32

        /// The node behind this one and all that is in it.
        var next: Int { Int(following) }
        fileprivate var range: Range<Int> { Int(start)..<Int(end) }
        fileprivate var rangeInQuotes: Range<Int> { kind == .string ? Int(start) - 1..<Int(end) + 1 : range }
    }

    private let text: String
    /// In the order of the text; a member's name is the node before its value.
    private let nodes: [Node]

    private init(_ text: String, _ nodes: [Node]) {
        self.text = text
        self.nodes = nodes
    }

    /// Nil if the text is not plain, or `call` is cancelled.
    static func parse(_ text: String, _ call: Call? = nil) -> PlainText? {
        guard text.utf8.count < UInt32.max else { return nil }
        var text = text
        return text.withUTF8 { Parser.nodes(of: $0, call) }.map { PlainText(text, $0) }
    }

    subscript(node: Int) -> Node { nodes[node] }

    /// A string without its quotes, or the text of another value.
    func content(of node: Int) -> String {
        withBytes { String(decoding: $0[nodes[node].range], as: UTF8.self) } ?? ""
    }

    /// The value's own text.
    func withText<Result>(of node: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result?) -> Result? {
        withBytes { body(UnsafeBufferPointer(rebasing: $0[nodes[node].rangeInQuotes])) }
    }

    private func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result?) -> Result? {
        text.utf8.withContiguousStorageIfAvailable(body) ?? nil
    }

    /// The node of a member's value.
    func member(of object: Int, named name: UnsafeBufferPointer<UInt8>) -> Int? {
        guard nodes[object].kind == .object else { return nil }
        return withBytes { bytes in
            var node = object + 1
            while node < nodes[object].next {
                if bytes[nodes[node].range].elementsEqual(name) { return node + 1 }
                node = nodes[node + 1].next
            }
            return nil
        }
    }
}

/// Finds the nodes of a text. A function returns false if the text is not plain.
private struct Parser {
    /// Members of one object; each name is compared with those before it.
    private static let maximumMembers = 16
    /// No number of so many digits is beyond a signed 64-bit integer.
    private static let maximumDigits = 18

    private let bytes: UnsafeBufferPointer<UInt8>
    private let call: Call?
    private var position = 0
    private var nodes: [PlainText.Node] = []

    static func nodes(of bytes: UnsafeBufferPointer<UInt8>, _ call: Call?) -> [PlainText.Node]? {
        var parser = Parser(bytes, call)
        return parser.value(depth: 1) && parser.next() == nil ? parser.nodes : nil
    }

    private init(_ bytes: UnsafeBufferPointer<UInt8>, _ call: Call?) {
        self.bytes = bytes
        self.call = call
        nodes.reserveCapacity(bytes.count / 12)
    }

    /// The next byte that is no blank; nil at the end.
    private mutating func next() -> UInt8? {
        while position < bytes.count {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            position += 1
        }
        return nil
    }

    private mutating func value(depth: Int) -> Bool {
        switch next() {
        case UInt8(ascii: "{"): list(.object, UInt8(ascii: "}"), depth)
        case UInt8(ascii: "["): list(.array, UInt8(ascii: "]"), depth)
        case UInt8(ascii: "\""): string()
        case UInt8(ascii: "t"): word("true", .boolean)
        case UInt8(ascii: "f"): word("false", .boolean)
        case UInt8(ascii: "n"): word("null", .null)
        default: integer()
        }
    }

    private mutating func list(_ kind: JSON.Kind, _ end: UInt8, _ depth: Int) -> Bool {
        guard depth <= JSON.maximumDepth, nodes.count % 1_024 != 0 || call?.isCancelled != true else { return false }
        let list = nodes.count
        add(kind, position..<position)
        position += 1
        var isFirst = true
        while let byte = next() {
            if isFirst && byte == end { return close(list) }
            isFirst = false
            if kind == .object {
                guard byte == UInt8(ascii: "\""), string(), hasNewName(list), next() == UInt8(ascii: ":") else { return false }
                position += 1
            }
            guard value(depth: depth + 1), let following = next() else { return false }
            if following == end { return close(list) }
            guard following == UInt8(ascii: ",") else { return false }
            position += 1
        }
        return false
    }

    private mutating func close(_ list: Int) -> Bool {
        position += 1
        nodes[list].end = UInt32(position)
        nodes[list].following = UInt32(nodes.count)
        return true
    }

    /// True if the name found last is new in its object.
    private func hasNewName(_ object: Int) -> Bool {
        let last = nodes.count - 1
        let name = bytes[nodes[last].range]
        var other = object + 1
        var count = 1
        while other < last {
            if bytes[nodes[other].range].elementsEqual(name) { return false }
            other = nodes[other + 1].next
            count += 1
        }
        return count <= Self.maximumMembers
    }

    private mutating func string() -> Bool {
        let start = position + 1
        var end = start
        while end < bytes.count {
            let byte = bytes[end]
            if byte == UInt8(ascii: "\"") {
                position = end + 1
                add(.string, start..<end)
                return true
            }
            guard byte >= 0x20, byte != UInt8(ascii: "\\") else { return false }
            end += 1
        }
        return false
    }

    private mutating func word(_ word: StaticString, _ kind: JSON.Kind) -> Bool {
        let range = position..<min(bytes.count, position + word.utf8CodeUnitCount)
        guard bytes[range].elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)) else {
            return false
        }
        position = range.upperBound
        add(kind, range)
        return true
    }

    /// A zero comes before no other digits. If something else follows than a number's end, the list ends the parsing.
    private mutating func integer() -> Bool {
        let start = position
        if position < bytes.count && bytes[position] == UInt8(ascii: "-") { position += 1 }
        let digits = bytes[position...].prefix(Self.maximumDigits + 1).prefix { $0 >= 0x30 && $0 <= 0x39 }
        guard 1...Self.maximumDigits ~= digits.count, digits.count == 1 || digits.first != UInt8(ascii: "0") else { return false }
        position = digits.endIndex
        add(.integer, start..<position)
        return true
    }

    private mutating func add(_ kind: JSON.Kind, _ range: Range<Int>) {
        nodes.append(
            PlainText.Node(
                kind: kind, start: UInt32(range.lowerBound), end: UInt32(range.upperBound), following: UInt32(nodes.count + 1)))
    }
}
