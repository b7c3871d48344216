import Support
import WebhookModel

/// A request as it came: what an endpoint needs to know of it.
struct HTTPRequest: Sendable {
    /// Bytes of a body.
    static let maximumBody = 1_048_576

    /// The path's last segment, if the endpoint takes one.
    var parameter = ""
    /// The header that the endpoint's access needs; empty if it is missing or given twice.
    var credential = ""
    var contentType = ""
    var body: [UInt8] = []
    /// The body's length as announced or received; beyond the maximum `body` does not hold it.
    var bodyLength = 0

    /// Text that cannot be a key counts as an unknown key.
    func apiKey() throws(Failure) -> APIKey {
        do throws(Failure) { return try APIKey(credential) } catch { throw .unauthorized }
    }

    /// The body's JSON text. Checks size, content type and encoding, in this order.
    func text() throws(Failure) -> String {
        guard bodyLength <= Self.maximumBody else {
            throw Failure(.invalidRequest, "the request is over 1 MiB", path: "").with { $0.answerStatus = 413 }
        }
        guard isJSON else {
            throw Failure(.invalidRequest, "the body must be application/json").with { $0.answerStatus = 415 }
        }
        guard let text = String(validating: body, as: UTF8.self) else {
            throw Failure(.malformedJSON, "the request is not JSON: it is not UTF-8")
        }
        return text
    }

    /// Media types are compared without regard to case; parameters are allowed: RFC 9110, 8.3.1.
    private var isJSON: Bool {
        let type = contentType.prefix { $0 != ";" }.utf8
        let blanks: Set<UInt8> = [0x20, 0x09]
        let trimmed = type.drop { blanks.contains($0) }.reversed().drop { blanks.contains($0) }.reversed()
        return trimmed.map(asciiLowercase).elementsEqual("application/json".utf8)
    }
}
