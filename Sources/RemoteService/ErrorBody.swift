import JSON
import Support
import WebhookModel

/// What an answer that refuses says: the shapes that users' code has met, and the daemon's own.
struct ErrorBody {
    /// The service's own words, without secrets; empty where there are none.
    let words: String
    /// Our status, where the body says one that the daemon gives with this code.
    let status: Status?
    let path: String?

    /// Unicode scalars of a service's words, and of a text that is no JSON: a proxy's page.
    private static let mostWords = 1_000
    private static let mostPlain = 300

    init(_ answer: HTTPAnswer, to request: Request, secrets: [String]) {
        let bytes = answer.body ?? []  // too long: its code counts all the same
        guard let json = try? JSON(parsing: bytes, limit: .max), json.kind == .object else {
            words = Redaction.words(String(decoding: bytes, as: UTF8.self), without: secrets, most: Self.mostPlain)
            status = nil
            path = nil
            return
        }
        words = Redaction.words(Self.words(json), without: secrets, most: Self.mostWords)
        let said = json["status"]?.string.flatMap { Status(name: $0) }
        status = said.flatMap { Self.daemonGives($0, with: answer.status) ? $0 : nil }
        // A member of our own request is named as it is; anything else is the service's text, and could hold a secret.
        let member = json["path"]?.string.map { path in
            request.body?.json.holds(path) == true ? path : Redaction.words(path, without: secrets)
        }
        path = status == nil ? nil : member
    }

    private static func words(_ json: JSON) -> String {
        if let text = json["error"]?.string ?? json["error"]?["message"]?.string ?? json["message"]?.string { return text }
        let errors = json["errors"]?.elements ?? []
        return errors.compactMap { $0["details"]?.string ?? $0["title"]?.string }.joined(separator: "; ")
    }

    private static func daemonGives(_ status: Status, with code: Int) -> Bool {
        switch status {
        case .unauthorized: code == 401
        case .notFound: code == 404
        case .conflict, .notEnabled: code == 409
        case .malformedJSON, .limitExceeded: code == 400
        case .invalidRequest: code == 400 || code == 405 || code == 413 || code == 415
        case .storageError: code == 503
        default: false
        }
    }
}
