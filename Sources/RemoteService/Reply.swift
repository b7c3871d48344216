import JSON
import Support
import WebhookModel

/// What a complete answer means for the operation that it answers.
enum Reply {
    /// 200 with what is documented.
    case success(text: String, json: JSON)
    /// 200 with anything else.
    case unusable(Failure)
    /// The service will not do it, and has not. `isBelieved`: it said our status, so nothing is left to tell apart.
    case refused(Failure, isBelieved: Bool)
    /// 408, 429, or 503 with our status: not done, and worth another attempt, after so many seconds if it says so.
    case later(Failure, after: Int64?)
    /// 5xx without our status, or a 2xx that is not documented: it says nothing of whether it was done. `isClear`: 500 or 503.
    case lost(Failure, after: Int64?, isClear: Bool)

    init(_ answer: HTTPAnswer, to request: Request, secrets: [String]) {
        let operation = request.operation
        if answer.status == 200 {
            self = Self.success(answer, of: operation)
            return
        }
        let body = ErrorBody(answer, to: request, secrets: secrets)
        func failure(_ status: Status, _ message: String, retryable: Bool = false) -> Failure {
            let words = body.words.isEmpty ? "" : ": \(body.words)"
            return Failure(status, "\(message)\(words)", retryable: retryable).answered(answer.status, body.words)
        }
        if let status = body.status, Self.isBelieved(status, of: operation) {
            let message = body.words.isEmpty ? "the service says \(status.name) (\(answer.status))" : body.words
            let believed = Failure(status, message, path: body.path, retryable: status == .storageError)
                .answered(answer.status, body.words)
            self = status == .storageError ? .later(believed, after: answer.retryAfter) : .refused(believed, isBelieved: true)
            return
        }
        let code = answer.status
        let after = answer.retryAfter
        func refused(_ status: Status, _ message: String, retryable: Bool = false) -> Reply {
            .refused(failure(status, message, retryable: retryable), isBelieved: false)
        }
        func lost(_ status: Status, _ message: String, isClear: Bool = false) -> Reply {
            .lost(failure(status, message, retryable: status == .serviceError), after: after, isClear: isClear)
        }
        self =
            switch code {
            case 400, 413, 415, 422: refused(.invalidRequest, "the service refused the request (\(code))")
            case 401, 403: refused(.unauthorized, "the service refused the API key (\(code))")
            case 404: refused(.protocolError, "the service has no such path (404): is the base URL right?")
            case 408: .later(failure(.timeout, "the service ran out of time (408)", retryable: true), after: after)
            case 409: refused(.conflict, "the service says that this conflicts with what is set (409)")
            case 429: .later(failure(.rateLimited, "the service is limiting the rate (429)", retryable: true), after: after)
            case 501, 505: refused(.serviceError, "the service does not do this (\(code))", retryable: true)
            case 500...599: lost(.serviceError, "the service failed (\(code))", isClear: code == 500 || code == 503)
            case 300...399: refused(.protocolError, "the service answered with a redirect (\(code)), which is not followed")
            case 400...499: refused(.protocolError, "the service answered \(code), which is not documented")
            default: lost(.protocolError, "the service answered \(code), which is not documented")
            }
    }

    /// A daemon gives 404 for a destination, and for a path that it does not know: then the base URL is wrong.
    private static func isBelieved(_ status: Status, of operation: Operation) -> Bool {
        guard status == .notFound else { return true }
        switch operation {
        case .multiWebhookUpdate, .multiWebhookDelete: return true
        default: return false
        }
    }

    private static func success(_ answer: HTTPAnswer, of operation: Operation) -> Reply {
        func unusable(_ message: String) -> Reply { .unusable(Failure(.protocolError, message).answered(200, "")) }
        guard let body = answer.body else { return unusable("the answer is longer than max_response_bytes") }
        guard let text = String(validating: body, as: UTF8.self) else { return unusable("the answer is not UTF-8") }
        do throws(Failure) {
            let json = try JSON.answer(text)
            if let flaw = json.flaw(asAnswerTo: operation) {
                return unusable("the answer is not what the API documents: \(flaw)")
            }
            return .success(text: text, json: json)
        } catch {
            return .unusable(error.answered(200, ""))
        }
    }
}

extension Failure {
    /// As a service answered it.
    fileprivate func answered(_ httpStatus: Int, _ words: String) -> Failure {
        with {
            $0.httpStatus = httpStatus
            $0.serviceMessage = words
        }
    }
}
