import JSON
import Support
import Testing

/// What a text's parse ended in, as a value that tests compare.
private enum Outcome: Equatable, Sendable {
    case value, malformed, tooLarge, numberOutOfRange, outOfMemory, overdue, cancelled

    init(_ bytes: [UInt8], limit: Int = JSON.maximumBytes) {
        do throws(JSON.Flaw) {
            _ = try JSON(parsing: bytes, limit: limit)
            self = .value
        } catch {
            switch error {
            case .malformed: self = .malformed
            case .tooLarge: self = .tooLarge
            case .numberOutOfRange: self = .numberOutOfRange
            case .outOfMemory: self = .outOfMemory
            case .overdue: self = .overdue
            case .cancelled: self = .cancelled
            }
        }
    }
}

private func nested(_ depth: Int, open: String = "[", innermost: String = "", close: String = "]") -> [UInt8] {
    Array((String(repeating: open, count: depth) + innermost + String(repeating: close, count: depth)).utf8)
}

private func failure(_ text: String, limit: Int = JSON.maximumBytes, call: Call? = nil) -> Failure? {
    do throws(Failure) {
        _ = try JSON(request: text, named: "the request", limit: limit, call: call)
        return nil
    } catch {
        return error
    }
}

private func message(_ text: String) -> String? {
    failure(text)?.message
}

@Suite struct JSONParsingTests {
    @Test(arguments: [
        "", " ", "{", "[1,]", "{\"a\":}", "{'a':1}", "{\"a\" 1}", "nul", "True", "01", "1.", ".5", "+1", "1e", "--1", "\"\t\"",
        "\"\\x41\"", "\"open", "{} {}", "[1] x", "\u{FEFF}{}", "/* c */ {}", "NaN", "Infinity", "]", "}{",
    ])
    func textThatIsNotJSONIsMalformed(_ text: String) { #expect(Outcome(Array(text.utf8)) == .malformed) }

    @Test(arguments: ["null", "true", "0", "-0", "\"\"", "[]", "{}", " {} \r\n\t", "1e3", "\"\\/\"", "\"\u{7F}\""])
    func anyValueMayStandAtTheTop(_ text: String) { #expect(Outcome(Array(text.utf8)) == .value) }

    @Test(arguments: [
        "{\"a\":1,\"a\":1}", "{\"b\":{\"a\":1,\"a\":2}}", "[{\"\":1,\"\":2}]", "{\"a\":1,\"\\u0061\":2}",
    ])
    func aMemberTwiceIsMalformedWhereverItStands(_ text: String) { #expect(Outcome(Array(text.utf8)) == .malformed) }

    @Test func membersThatDifferOnlyByNormalisationAreTwo() throws {
        let json = try JSON(parsing: "{\"\u{E9}\":1,\"e\u{301}\":2}")
        #expect(json.members.map { Array($0.name.utf8) } == [[0xC3, 0xA9], [0x65, 0xCC, 0x81]])
    }

    @Test(arguments: [
        "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\udc00\\ud800\"", "{\"\\ud83d\":1}", "\"\\u0000\"",
        "{\"a\\u0000b\":1}",
    ])
    func loneSurrogatesAndNULAreMalformed(_ text: String) { #expect(Outcome(Array(text.utf8)) == .malformed) }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22],
            [0x22, 0xC3, 0x22], [0x7B, 0x22, 0xE2, 0x82, 0x22, 0x3A, 0x31, 0x7D], [0x22, 0x00, 0x22], [0x7B, 0x7D, 0x00],
        ] as [[UInt8]])
    func bytesThatAreNotUTF8AreMalformed(_ bytes: [UInt8]) { #expect(Outcome(bytes) == .malformed) }

    @Test func depth64IsFineAnd65IsMalformed() {
        #expect(Outcome(nested(64)) == .value)
        #expect(Outcome(nested(65)) == .malformed)
        #expect(Outcome(nested(64, open: "{\"a\":", innermost: "1", close: "}")) == .value)
        #expect(Outcome(nested(65, open: "{\"a\":", innermost: "1", close: "}")) == .malformed)
    }

    @Test func aTextOfBracketsAloneDoesNotExhaustTheStack() {
        #expect(Outcome([UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)) == .malformed)
    }

    @Test func bracketsInsideStringsAreNoDepth() {
        let brackets = String(repeating: "[", count: 100)
        #expect(Outcome(Array("[\"\(brackets)\\\"\(brackets)\"]".utf8)) == .value)
    }

    @Test func theLimitCountsBytes() {
        #expect(Outcome(Array("\"é\"".utf8), limit: 4) == .value)
        #expect(Outcome(Array("\"é\"".utf8), limit: 3) == .tooLarge)
    }

    @Test func aTextOverTheLimitIsRefusedBeforeItIsParsed() {
        #expect(Outcome(Array("nonsense".utf8), limit: 7) == .tooLarge)
    }

    @Test(arguments: ["9223372036854775808", "-9223372036854775809", "1e309", "-1e309", "[{\"a\":1e999}]"])
    func numbersBeyond64BitsOrADoubleAreOutOfRange(_ text: String) {
        #expect(Outcome(Array(text.utf8)) == .numberOutOfRange)
    }

    @Test func theLargestAndSmallestIntegersAreExact() throws {
        #expect(try JSON(parsing: "9223372036854775807").integer == .max)
        #expect(try JSON(parsing: "-9223372036854775808").integer == .min)
        #expect(try JSON(parsing: "[9007199254740993]").text() == "[9007199254740993]")
    }

    @Test func aRealIsNoInteger() throws {
        let real = try JSON(parsing: "1.0")
        #expect(real.kind == .real)
        #expect(real.integer == nil)
    }

    @Test func membersAndElementsKeepTheOrderOfTheDocument() throws {
        let json = try JSON(parsing: "{\"z\":[3,1,2],\"a\":{\"y\":1,\"b\":2},\"m\":null}")
        #expect(json.members.map(\.name) == ["z", "a", "m"])
        #expect(json["z"]?.elements.map(\.integer) == [3, 1, 2])
        #expect(try json.text() == "{\"z\":[3,1,2],\"a\":{\"y\":1,\"b\":2},\"m\":null}")
    }

    @Test func aFlawNamesNoPartOfTheText() {
        for text in ["{\"secret-token\": secret-token}", "{\"a\": \"secret-token", "{\"secret-token\":1,\"secret-token\":2}"] {
            #expect(message(text)?.contains("secret-token") == false)
        }
    }

    @Test func flawsBecomeTheStatusesOfTheContract() {
        #expect(failure("{")?.status == .malformedJSON)
        #expect(failure("[1]", limit: 2)?.status == .invalidRequest)
        #expect(failure("[1]", limit: 2)?.path == "")
        #expect(failure("9223372036854775808")?.status == .invalidRequest)
    }

    @Test func aCancelEndsTheParsingOfALongText() {
        let cancellation = Cancellation()
        let call = Call(settings: CallSettings(), cancellation: cancellation.token, log: Log())
        let long = "[" + String(repeating: "\"x\",", count: 100_000) + "1]"
        #expect(failure(long, call: call) == nil)
        cancellation.cancel()
        #expect(failure(long, call: call)?.status == .cancelled)
    }

    @Test func textsOfAnAnswerAreAProtocolErrorWhenTheyAreNoJSON() {
        for text in ["<html>", "{\"a\":1,\"a\":2}", "9223372036854775808", ""] {
            let failure = #expect(throws: Failure.self) { try JSON.answer(text) }
            #expect(failure?.status == .protocolError)
        }
    }

    @Test func emptyTextSurvivesARoundTrip() throws {
        #expect(try JSON.string("").text() == "\"\"")
        #expect(try JSON.object([("", .string(""))]).text() == "{\"\":\"\"}")
    }
}
