import JSON
import Support

/// The answer to a request.
struct HTTPResponse: Sendable {
    let status: Int
    let body: String
    let type: StaticString
    var headers: [(name: StaticString, value: String)] = []

    init(_ status: Int, _ body: String, type: StaticString = "application/json") {
        self.status = status
        self.body = body
        self.type = type
    }

    static func ok(_ body: String) -> HTTPResponse { HTTPResponse(200, body) }
}

extension HTTPResponse {
    /// `{"error", "status", "path"?, "outcome"?}`; a 409 has `message` too, as the vendor's has. `outcome` is there if the write
    /// may have been applied.
    init(_ failure: Failure) {
        let status = failure.answerStatus ?? failure.status.httpStatus
        self.init(status, (try? failure.body(status)) ?? Self.outOfMemory)
        if status == 503 { headers.append(("Retry-After", Self.retryAfter)) }
    }

    /// Seconds. Storage that is away for a moment is most often back by then.
    private static let retryAfter = "1"

    private static let outOfMemory = #"{"error":"out of memory","status":"D360_OUT_OF_MEMORY"}"#
}

extension Failure {
    fileprivate func body(_ httpStatus: Int) throws(Failure) -> String {
        var members: [(String, JSON)] = [("error", try .string(message)), ("status", try .string("\(status.name)"))]
        if httpStatus == 409 { members.append(("message", try .string(message))) }
        if let path { members.append(("path", try .string(path))) }
        if outcome != .notApplied { members.append(("outcome", try .string(outcome.rawValue))) }
        return try JSON.object(members).text()
    }
}

extension Status {
    fileprivate var httpStatus: Int {
        switch self {
        case .malformedJSON, .invalidRequest, .limitExceeded: 400
        case .unauthorized: 401
        case .notFound: 404
        case .conflict, .notEnabled: 409
        case .storageError, .outOfMemory: 503
        default: 500
        }
    }
}
