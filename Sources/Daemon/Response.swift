import JSON
import Support

/// What a request is answered.
struct Response: Sendable {
    let code: Int
    let body: String
    let type: StaticString
    var headers: [(name: StaticString, value: String)] = []

    init(_ code: Int, _ body: String, type: StaticString = "application/json") {
        self.code = code
        self.body = body
        self.type = type
    }

    static func ok(_ body: String) -> Response { Response(200, body) }
}

extension Response {
    /// `{"error", "status", "path"?}`; of a 409 also `message`, as the vendor's has it.
    init(_ failure: Failure) {
        let code = failure.httpStatus ?? failure.status.httpCode
        self.init(code, (try? failure.body(code)) ?? Self.withoutMemory)
        if code == 503 { headers.append(("Retry-After", Self.retryAfter)) }
    }

    /// Seconds. Storage that is away for a moment is most often back by then.
    private static let retryAfter = "1"

    private static let withoutMemory = #"{"error":"out of memory","status":"D360_OUT_OF_MEMORY"}"#
}

extension Failure {
    fileprivate func body(_ code: Int) throws(Failure) -> String {
        var members: [(String, JSON)] = [("error", try .string(message)), ("status", try .string("\(status.name)"))]
        if code == 409 { members.append(("message", try .string(message))) }
        if let path { members.append(("path", try .string(path))) }
        return try JSON.object(members).text()
    }
}

extension Status {
    fileprivate var httpCode: Int {
        switch self {
        case .malformedJSON, .invalidRequest, .limitExceeded: 400
        case .unauthorized: 401
        case .notFound: 404
        case .conflict, .notEnabled: 409
        case .storageError, .outOfMemory, .cancelled: 503
        default: 500
        }
    }
}
