import Support

/// Writes compact JSON. A cancel waits while a report of thousands of rows is written, so no tree is built.
struct JSONWriter {
    private var bytes: [UInt8] = []
    private var needsComma = false

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var count: Int { bytes.count }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func nest<E: Error>(
        _ open: UInt8, _ close: UInt8, _ body: (inout JSONWriter) throws(E) -> Void
    ) throws(E) {
        separate()
        bytes.append(open)
        needsComma = false
        try body(&self)
        bytes.append(close)
        needsComma = true
    }

    mutating func object<E: Error>(_ body: (inout JSONWriter) throws(E) -> Void) throws(E) {
        try nest(UInt8(ascii: "{"), UInt8(ascii: "}"), body)
    }

    mutating func array<E: Error>(_ body: (inout JSONWriter) throws(E) -> Void) throws(E) {
        try nest(UInt8(ascii: "["), UInt8(ascii: "]"), body)
    }

    mutating func element(_ text: String) {
        separate()
        append(text)
    }

    /// A value that is JSON text already.
    mutating func element(json: String) {
        separate()
        bytes.append(contentsOf: json.utf8)
    }

    private mutating func name(_ name: StaticString) {
        separate()
        append(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    private mutating func append(_ word: StaticString) {
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func object<E: Error>(_ name: StaticString, _ body: (inout JSONWriter) throws(E) -> Void) throws(E) {
        self.name(name)
        try object(body)
    }

    mutating func array<E: Error>(_ name: StaticString, _ body: (inout JSONWriter) throws(E) -> Void) throws(E) {
        self.name(name)
        try array(body)
    }

    /// An object under a name that the caller gives.
    mutating func object<E: Error>(named name: String, _ body: (inout JSONWriter) throws(E) -> Void) throws(E) {
        start(named: name)
        try object(body)
    }

    mutating func member(named name: String, _ text: String) {
        start(named: name)
        element(text)
    }

    private mutating func start(named name: String) {
        element(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    mutating func member(_ name: StaticString, _ text: String?) {
        guard let text else { return null(name) }
        self.name(name)
        element(text)
    }

    /// A word without quotes, backslashes and control characters.
    mutating func member(_ name: StaticString, _ word: StaticString) {
        self.name(name)
        separate()
        append(word)
    }

    mutating func member(_ name: StaticString, json: String) {
        self.name(name)
        element(json: json)
    }

    mutating func member(_ name: StaticString, _ number: Int64?) {
        guard let number else { return null(name) }
        member(name, json: "\(number)")
    }

    mutating func member(_ name: StaticString, _ truth: Bool?) {
        member(name, json: truth.map { $0 ? "true" : "false" } ?? "null")
    }

    mutating func null(_ name: StaticString) { member(name, json: "null") }

    mutating func member(_ name: StaticString, _ texts: [String]) {
        self.name(name)
        separate()
        bytes.append(UInt8(ascii: "["))
        needsComma = false
        for text in texts { element(text) }
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// A URL as reports show it.
    mutating func member(_ name: StaticString, url: ExactString?) { member(name, url.map { Redaction.url($0.string) }) }

    mutating func member(_ name: StaticString, _ value: Finding.Value) {
        switch value {
        case .none: null(name)
        case .url(let url): member(name, url: url)
        case .text(let text): member(name, text)
        case .texts(let texts): member(name, texts)
        case .integer(let number): member(name, number)
        case .boolean(let truth): member(name, truth)
        }
    }

    private mutating func append(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { source in
            if source.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
                bytes.append(contentsOf: source)
            } else {
                for byte in source { append(escaped: byte) }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func append(escaped byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
        case 0..<0x20: bytes += Array("\\u00".utf8) + Array(Hexadecimal.encode([byte]).utf8)
        default: bytes.append(byte)
        }
    }
}
