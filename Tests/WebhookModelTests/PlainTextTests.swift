@testable import JSON
import Support
import Testing

/// Texts that are near to plain ones: built from a grammar, then broken at random places.
private struct Texts {
    private var generator: Generator
    private static let strings = [
        "", "a", "crm", "https://crm.example.com/hooks", "M\u{FC}nchen", "e\u{301}", "\u{7F}", "\\n", "\\u00e9", "\\ud800", "\\x",
        "\t",
    ]
    private static let scalars = [
        "null", "true", "false", "0", "-0", "7", "-12", "007", "1.5", "1e3", "-", "nul", "123456789012345678",
        "1234567890123456789", "9223372036854775807", "9223372036854775808", "+1", "NaN",
    ]

    /// splitmix64
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    init(seed: UInt64) { generator = Generator(state: seed) }

    mutating func next() -> String {
        var bytes = Array(value(depth: 0).utf8)
        for _ in 0..<Int.random(in: 0...2, using: &generator) where !bytes.isEmpty && chance(3) {
            let index = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0...2, using: &generator) {
            case 0: bytes.remove(at: index)
            case 1: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &generator)], at: index)
            default: bytes[index] = Array("{}[],:\" \\0a-".utf8).randomElement(using: &generator) ?? 0
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func chance(_ one: Int) -> Bool { Int.random(in: 1...one, using: &generator) == 1 }

    private mutating func string() -> String {
        "\"\((chance(12) ? Self.strings : Array(Self.strings.prefix(7))).randomElement(using: &generator) ?? "")\""
    }

    private mutating func blank() -> String { chance(6) ? [" ", "\n", "\r\n\t"].randomElement(using: &generator) ?? "" : "" }

    private mutating func value(depth: Int) -> String {
        let around = (blank(), blank())
        guard depth < 4, !chance(3) else {
            let scalars = chance(6) ? Self.scalars : Array(Self.scalars.prefix(7))
            return around.0 + (chance(2) ? string() : scalars.randomElement(using: &generator) ?? "0") + around.1
        }
        var parts: [String] = []
        let isObject = chance(2)
        for index in 0..<Int.random(in: 0...(chance(20) ? 20 : 4), using: &generator) {
            let name = chance(8) ? string() : "\"m\(index)\""
            parts.append((isObject ? blank() + name + blank() + ":" : "") + value(depth: depth + 1))
        }
        let list = parts.joined(separator: ",")
        return around.0 + (isObject ? "{\(list)}" : "[\(list)]") + around.1
    }
}

/// All that a value says, by the functions that code reads it with.
private func said(_ json: JSON) -> String {
    switch json.kind {
    case .object: "{" + json.members.map { "\($0.name.debugDescription):" + said($0.value) }.joined(separator: ",") + "}"
    case .array: "[" + json.elements.map(said).joined(separator: ",") + "]"
    case .string: json.string.debugDescription
    case .integer: json.integer.debugDescription
    case .boolean: json.boolean.debugDescription
    case .real, .null: "\(json.kind)"
    }
}

@Suite struct PlainTextTests {
    @Test func aPlainTextMeansToUsWhatItMeansToJansson() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var texts = Texts(seed: seed)
        var plainTexts = 0
        for _ in 0..<50_000 {
            var text = texts.next()
            guard let plain = PlainText.parse(text) else { continue }
            plainTexts += 1
            let (ours, theirs) = (JSON(plain), try JSON(owning: text.withUTF8 { JSON.decode($0) }))
            #expect(said(ours) == said(theirs), "\(text)")
            #expect(try ours.text() == theirs.text(), "\(text)")
        }
        #expect(plainTexts > 5_000)
    }

    @Test(arguments: [
        #"{"enabled":true,"destinations":[{"name":"crm","url":"https://crm.example.com/","headers":{}}]}"#,
        " { } ", "[-1, 123456789012345678]", "\"\u{FC}\"", "null",
        #"{"url":"https://x.example.com/","waba_id":1,"numbers_on_this_waba":["+49 30 1"],"headers":{"A":"b"}}"#,
    ])
    func textsOfServicesArePlain(_ text: String) { #expect(PlainText.parse(text) != nil) }

    @Test(arguments: [
        "", "{", "[1,]", #"{"a":1,"a":2}"#, #"{"a":1,"b":{},"a":2}"#, "01", "1.5", "1e3", "1234567890123456789", #""\n""#,
        "\"\t\"",
        "{} {}", "[1 2]", "nul", "+1", "-", "\u{FEFF}{}", #"{"a" 1}"#, "{1:2}", "[-]",
    ])
    func ofOtherTextsJanssonDecides(_ text: String) { #expect(PlainText.parse(text) == nil) }

    @Test func depth64IsPlainAnd65IsNot() {
        func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(PlainText.parse(nested(64)) != nil)
        #expect(PlainText.parse(nested(65)) == nil)
    }

    @Test func aMemberIsFoundByItsNameAloneAndAnElementByItsPlace() throws {
        let json = try JSON(parsing: #"{"a":{"b":1},"b":[2,{"b":3}],"bb":4}"#)
        #expect(json["b"]?.elements.count == 2)
        #expect(json["a"]?["b"]?.integer == 1)
        #expect(json.member("bb")?.integer == 4)
        #expect(json["c"] == nil && json.member("c") == nil && json["bb"]?["b"] == nil)
        #expect(json.holds("/b/1/b") && !json.holds("/b/2") && !json.holds("/b/-1"))
        var walk = try #require(json["b"]).walkElements()
        #expect([walk.next()?.integer, walk.next()?["b"]?.integer, walk.next()?.integer] == [2, 3, nil])
    }

    @Test func aValueOfATextBecomesAPartOfWhatIsBuilt() throws {
        let json = try JSON(parsing: "{ \"a\" : [ 1 , \"x\" ], \"b\": \"\u{FC}\" }")
        let built = try JSON.object([("one", #require(json["a"])), ("two", #require(json["b"])), ("all", json)])
        #expect(try built.text() == "{\"one\":[1,\"x\"],\"two\":\"\u{FC}\",\"all\":{\"a\":[1,\"x\"],\"b\":\"\u{FC}\"}}")
    }
}
