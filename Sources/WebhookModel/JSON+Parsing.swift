import CJansson
import Glibc

extension JSON {
    /// Levels of arrays and objects that a text may have: 64 is fine, 65 is malformed.
    public static let maximumDepth = 64
    /// Bytes of a request or of options.
    public static let maximumBytes = 1_048_576

    /// Why a text is no value we take. The messages hold no part of the text: it may be a secret.
    public enum Flaw: Error {
        case malformed(String)
        case tooLarge
        case numberOutOfRange
        case outOfMemory
    }

    public init(parsing text: String, limit: Int = JSON.maximumBytes) throws(Flaw) {
        var text = text
        let result = text.withUTF8 { bytes in JSON.load(UnsafeRawBufferPointer(bytes), limit: limit) }
        try self.init(taking: try result.get())
    }

    public init(parsing bytes: [UInt8], limit: Int) throws(Flaw) {
        let result = bytes.withUnsafeBytes { JSON.load($0, limit: limit) }
        try self.init(taking: try result.get())
    }

    private init(taking value: UnsafeMutablePointer<json_t>) throws(Flaw) {
        do throws(Failure) { try self.init(owning: value) } catch { throw .outOfMemory }
    }

    private static func load(_ bytes: UnsafeRawBufferPointer, limit: Int) -> Result<UnsafeMutablePointer<json_t>, Flaw> {
        guard bytes.count <= limit else { return .failure(.tooLarge) }
        guard depth(of: bytes) <= maximumDepth else {
            return .failure(.malformed("deeper than \(maximumDepth) levels"))
        }
        var error = json_error_t()
        let flags = Int(JSON_REJECT_DUPLICATES | JSON_DECODE_ANY)
        errno = 0
        let value = bytes.withMemoryRebound(to: CChar.self) { json_loadb($0.baseAddress, $0.count, flags, &error) }
        // jansson 2.14 goes on without the bytes that a text buffer had no memory for.
        guard errno != ENOMEM else {
            json_decref(value)
            return .failure(.outOfMemory)
        }
        if let value { return .success(value) }
        return .failure(Flaw(error))
    }

    /// Counts brackets before anything is parsed, so no text makes the parser recurse deeper.
    private static func depth(of bytes: UnsafeRawBufferPointer) -> Int {
        // Most texts have fewer opening brackets in all.
        var openings = 0
        for byte in bytes { openings += byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") ? 1 : 0 }
        if openings <= maximumDepth { return openings }
        var deepest = 0
        forEachBracket(in: bytes) { _, _, depth in deepest = max(deepest, depth) }
        return deepest
    }

    /// Tells of each bracket outside strings where it is, and how deep: the outermost pair has depth 1.
    public static func forEachBracket(
        in bytes: UnsafeRawBufferPointer, _ body: (_ index: Int, _ opens: Bool, _ depth: Int) -> Void
    ) {
        var depth = 0
        var inString = false
        var escaped = false
        for (index, byte) in bytes.enumerated() {
            if inString {
                if escaped {
                    escaped = false
                } else if byte == UInt8(ascii: "\\") {
                    escaped = true
                } else if byte == UInt8(ascii: "\"") {
                    inString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): inString = true
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                body(index, true, depth)
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                body(index, false, depth)
                depth -= 1
            default: break
            }
        }
    }
}

extension JSON.Flaw {
    fileprivate init(_ error: json_error_t) {
        var error = error
        let place = "line \(error.line), column \(error.column)"
        switch json_error_code(&error) {
        case json_error_out_of_memory: self = .outOfMemory
        case json_error_numeric_overflow: self = .numberOutOfRange
        case json_error_duplicate_key: self = .malformed("a member stands there twice, up to \(place)")
        case json_error_invalid_utf8: self = .malformed("it is not UTF-8 at \(place)")
        case json_error_null_character, json_error_null_byte_in_key: self = .malformed("a string holds NUL at \(place)")
        case json_error_premature_end_of_input: self = .malformed("it ends too early, at \(place)")
        case json_error_end_of_input_expected: self = .malformed("something follows the value at \(place)")
        default: self = .malformed("the syntax is wrong at \(place)")
        }
    }

    /// As a request's failure; `subject` names the text, such as "the request".
    public func failure(_ subject: String, limit: Int = JSON.maximumBytes) -> Failure {
        switch self {
        case .malformed(let flaw): Failure(.malformedJSON, "\(subject) is not JSON: \(flaw)")
        case .tooLarge: Failure(.invalidRequest, "\(subject) is over \(limit >> 20) MiB", path: "")
        case .numberOutOfRange:
            Failure(.invalidRequest, "\(subject) holds a number beyond a signed 64-bit integer or a double", path: "")
        case .outOfMemory: .outOfMemory
        }
    }
}
