import CJansson
import Glibc
import Support

extension JSON {
    /// Levels of arrays and objects that a text may have: 64 is fine, 65 is malformed.
    package static let maximumDepth = 64
    /// Bytes of a request or of options.
    package static let maximumBytes = 1_048_576

    /// Why a text was not accepted. The messages hold no part of the text, which may be a secret.
    package enum Flaw: Error {
        case malformed(String)
        case tooLarge
        case numberOutOfRange
        case outOfMemory
        case cancelled
        case overdue
    }

    /// Parses a caller's text; `subject` names it in messages, such as "the request". A cancel of `call` ends it early.
    package init(
        request text: String, named subject: String, limit: Int = JSON.maximumBytes, call: Call? = nil
    ) throws(Failure) {
        do throws(Flaw) { try self.init(parsing: text, limit: limit, call: call) } catch {
            throw error.failure(subject, limit: limit)
        }
    }

    /// A cancel of `call` ends it early; so does the call's deadline if `isTimed`.
    package init(
        parsing text: String, limit: Int = JSON.maximumBytes, call: Call? = nil, isTimed: Bool = false
    ) throws(Flaw) {
        var text = text
        let result = text.withUTF8 { bytes in JSON.load(UnsafeRawBufferPointer(bytes), limit, call, isTimed: isTimed) }
        try self.init(taking: try result.get())
    }

    package init(parsing bytes: [UInt8], limit: Int, call: Call? = nil) throws(Flaw) {
        let result = bytes.withUnsafeBytes { JSON.load($0, limit, call) }
        try self.init(taking: try result.get())
    }

    private init(taking value: UnsafeMutablePointer<json_t>) throws(Flaw) {
        do throws(Failure) { try self.init(owning: value) } catch { throw .outOfMemory }
    }

    private static func load(
        _ bytes: UnsafeRawBufferPointer, _ limit: Int, _ call: Call?, isTimed: Bool = false
    ) -> Result<UnsafeMutablePointer<json_t>, Flaw> {
        guard bytes.count <= limit else { return .failure(.tooLarge) }
        guard call?.isCancelled != true else { return .failure(.cancelled) }
        guard depth(of: bytes) <= maximumDepth else {
            return .failure(.malformed("deeper than \(maximumDepth) levels"))
        }
        var error = json_error_t()
        let flags = Int(JSON_REJECT_DUPLICATES | JSON_DECODE_ANY)
        var source = Source(rest: bytes, call: call, isTimed: isTimed)
        errno = 0
        let value =
            bytes.count > pieceBytes && call != nil
            ? withUnsafeMutablePointer(to: &source) { json_load_callback(Source.read, $0, flags, &error) }
            : bytes.withMemoryRebound(to: CChar.self) { json_loadb($0.baseAddress, $0.count, flags, &error) }
        // jansson 2.14 goes on without the bytes that a text buffer had no memory for.
        let isShortOfMemory = errno == ENOMEM || source.sawNoMemory
        guard !isShortOfMemory, source.end == nil, let value else {
            json_decref(value)
            return .failure(isShortOfMemory ? .outOfMemory : source.end ?? Flaw(error))
        }
        return .success(value)
    }

    /// Texts of more bytes are handed to jansson piece by piece, so that a cancel or a deadline can end the parsing.
    private static let pieceBytes = 65_536

    /// A long text on its way to jansson.
    private struct Source {
        var rest: UnsafeRawBufferPointer
        let call: Call?
        let isTimed: Bool
        var pieces = 0
        /// Why no more is handed over.
        var end: Flaw?
        var sawNoMemory = false

        /// jansson asks for 1 KiB at a time. Its own number parsing resets errno, so that is looked at here too.
        static let read: @convention(c) (UnsafeMutableRawPointer?, Int, UnsafeMutableRawPointer?) -> Int = {
            buffer, size, context in
            guard let buffer, let source = context?.assumingMemoryBound(to: Source.self) else { return -1 }
            source.pointee.pieces += 1
            if errno == ENOMEM { source.pointee.sawNoMemory = true }
            if source.pointee.pieces % 64 == 0, let call = source.pointee.call {
                if source.pointee.isTimed && call.deadline.hasPassed { source.pointee.end = .overdue }
                if call.isCancelled { source.pointee.end = .cancelled }
            }
            guard source.pointee.end == nil, !source.pointee.sawNoMemory else { return -1 }
            let piece = UnsafeRawBufferPointer(rebasing: source.pointee.rest.prefix(size))
            UnsafeMutableRawBufferPointer(start: buffer, count: size).copyMemory(from: piece)
            source.pointee.rest = UnsafeRawBufferPointer(rebasing: source.pointee.rest.dropFirst(size))
            return piece.count
        }
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
    package static func forEachBracket(
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
        let flaw: StaticString
        switch json_error_code(&error) {
        case json_error_out_of_memory:
            self = .outOfMemory
            return
        case json_error_numeric_overflow:
            self = .numberOutOfRange
            return
        case json_error_duplicate_key: flaw = "duplicate member, up to"
        case json_error_invalid_utf8: flaw = "not UTF-8 at"
        case json_error_null_character, json_error_null_byte_in_key: flaw = "NUL in a string at"
        case json_error_premature_end_of_input: flaw = "unexpected end at"
        case json_error_end_of_input_expected: flaw = "text after the value at"
        default: flaw = "syntax error at"
        }
        self = .malformed("\(flaw) line \(error.line), column \(error.column)")
    }

    fileprivate func failure(_ subject: String, limit: Int = JSON.maximumBytes) -> Failure {
        switch self {
        case .malformed(let flaw): Failure(.malformedJSON, "\(subject) is not JSON: \(flaw)")
        case .tooLarge: Failure(.invalidRequest, "\(subject) must have at most \(limit >> 20) MiB", path: "")
        case .numberOutOfRange:
            Failure(.invalidRequest, "\(subject) contains a number beyond a signed 64-bit integer or a double", path: "")
        case .outOfMemory: .outOfMemory
        case .cancelled: .cancelled
        case .overdue: .overdue
        }
    }
}
