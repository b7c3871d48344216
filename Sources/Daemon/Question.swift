import JSON
import Support

/// A request as it came, for the endpoint that it names.
struct Question {
    /// Bytes of a body. *Ours.*
    static let maximumBody = 1_048_576

    /// The path's last segment, where the endpoint takes one.
    var parameter = ""
    /// Header D360-API-KEY; empty where there is none.
    var key = ""
    /// Header Authorization.
    var authorization = ""
    var contentType = ""
    var body: [UInt8] = []
    /// Of the body as it was announced or came; beyond the maximum `body` does not hold it.
    var bodyLength = 0

    /// The body's JSON text: size, content type, encoding, in this order.
    func text() throws(Failure) -> String {
        guard bodyLength <= Self.maximumBody else {
            throw Failure(.invalidRequest, "the request is over 1 MiB", path: "").with { $0.httpStatus = 413 }
        }
        guard isJSON else {
            throw Failure(.invalidRequest, "the body must be application/json").with { $0.httpStatus = 415 }
        }
        guard let text = String(validating: body, as: UTF8.self) else {
            throw Failure(.malformedJSON, "the request is not JSON: it is not UTF-8")
        }
        return text
    }

    /// Media types are compared without regard to case; parameters are fine: RFC 9110, 8.3.1.
    private var isJSON: Bool {
        let type = contentType.utf8.prefix { $0 != UInt8(ascii: ";") }
        let blanks: Set<UInt8> = [0x20, 0x09]
        let trimmed = type.drop { blanks.contains($0) }.reversed().drop { blanks.contains($0) }.reversed()
        return trimmed.elementsEqual("application/json".utf8) { byte, lower in
            byte == lower || (byte >= 0x41 && byte <= 0x5A && byte | 0x20 == lower)
        }
    }
}
