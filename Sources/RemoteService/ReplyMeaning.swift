import HTTPTransport
import JSON
import Support
import WebhookModel

/// The meaning of a complete response for the operation that it answers.
enum ReplyMeaning {
    /// 200 with what is documented. `reading` is nil for writes.
    case success(text: String, reading: Reading?)
    /// Another 2xx to a write: it was done. The text is the body if that is what is documented.
    case accepted(text: String?, Failure)
    /// 200 with anything else, or another 2xx to a reading.
    case unusable(Failure)
    /// The operation was not done and will not be. `meaning` says how sure its status is.
    case rejected(Failure, Certainty)
    /// 408, 429, or 503 with our status: not done, and worth another attempt.
    case later(Failure)
    /// 5xx without our status, or that says that the outcome is unknown: it says nothing of whether the operation was done.
    /// `isComplete`: 500 or 503, so the service itself ended the request. `isTransient`: worth another attempt.
    case ambiguous(Failure, isComplete: Bool, isTransient: Bool)

    enum Certainty {
        /// The service named our status.
        case ours
        /// The code alone; 404 and 409 have several meanings.
        case codeOnly
        /// An HTML page: something in front of the service answered.
        case page
    }

    init(
        _ response: HTTPResponse, to request: Request, secrets: @autoclosure () -> Secrets, call: Call
    ) throws(Failure) {
        let code = response.status
        if code == 200 {
            self = try Self.success(response, of: request.operation, call)
            return
        }
        let words = ServiceWords(response, request: request.body?.json, secrets: secrets())
        @inline(never)
        func failure(_ status: Status, _ message: String, retryable: Bool = false) -> Failure {
            Failure(status, words.text.isEmpty ? message : "\(message): \(words.text)", retryable: retryable).answered(
                response, words.text)
        }
        if let status = words.status, Self.isBelievable(status, request.operation) {
            let message = words.text.isEmpty ? "the service says \(status.name) (\(code))" : words.text
            let believed = Failure(status, message, path: words.path, retryable: status == .storageError).answered(
                response, words.text)
            if status == .storageError {
                let isInDoubt = words.isInDoubt && !request.operation.kind.isReading
                self = isInDoubt ? .ambiguous(believed, isComplete: false, isTransient: true) : .later(believed)
            } else {
                self = .rejected(believed, .ours)
            }
            return
        }
        if words.isPage && (400...499).contains(code) {
            let cause = "a proxy or a firewall is between this machine and the service"
            let hint = code == 404 ? "the base URL is wrong, or \(cause)" : cause
            let isTransient = code == 408 || code == 429
            let page = failure(.protocolError, "an HTML page answered \(code): \(hint)", retryable: isTransient)
            self = isTransient ? .later(page) : .rejected(page, .page)
            return
        }
        func rejected(_ status: Status, _ message: String, retryable: Bool = false) -> ReplyMeaning {
            .rejected(failure(status, message, retryable: retryable), .codeOnly)
        }
        switch code {
        case 201...299:
            let unusual = failure(.protocolError, "the service answered \(code), which is not documented")
            guard !request.operation.kind.isReading else {
                self = .unusable(unusual)
                return
            }
            var text: String?
            if case .success(let body, _) = try Self.success(response, of: request.operation, call) { text = body }
            self = .accepted(text: text, unusual)
        case 400, 413, 415, 422: self = rejected(.invalidRequest, "the service rejected the request (\(code))")
        case 401, 403: self = rejected(.unauthorized, "the service rejected the API key (\(code))")
        case 404: self = rejected(.protocolError, "the service has no such path (404): is the base URL right?")
        case 408: self = .later(failure(.timeout, "the service ran out of time (408)", retryable: true))
        case 409: self = rejected(.conflict, "the service reports a conflict with what is set (409)")
        case 429: self = .later(failure(.rateLimited, "the service limits the rate (429)", retryable: true))
        case 501, 505: self = rejected(.serviceError, "the service does not support this operation (\(code))", retryable: true)
        case 500...599:
            let isTransient = [500, 502, 503, 504, 530].contains(code) || (520...526).contains(code)
            let failed = failure(.serviceError, "the service failed (\(code))", retryable: true)
            self = .ambiguous(failed, isComplete: (code == 500 || code == 503) && !words.isInDoubt, isTransient: isTransient)
        case 300...399: self = rejected(.protocolError, "the service answered with a redirect (\(code)), which is not followed")
        default: self = rejected(.protocolError, "the service answered \(code), which is not documented")
        }
    }

    /// A daemon gives 404 for a destination, and for a path that it does not know: then the base URL is wrong.
    private static func isBelievable(_ status: Status, _ operation: Operation) -> Bool {
        guard status == .notFound else { return true }
        return operation.kind == .multiWebhookUpdate || operation.kind == .multiWebhookDelete
    }

    private static let longBytes = 65_536

    private static func success(_ response: HTTPResponse, of operation: Operation, _ call: Call) throws(Failure) -> ReplyMeaning {
        func unusable(_ message: String) -> ReplyMeaning { .unusable(Failure(.protocolError, message).answered(response, "")) }
        guard let body = response.body else { return unusable("the answer is longer than max_response_bytes") }
        guard let text = String(validating: body, as: UTF8.self) else { return unusable("the answer is not UTF-8") }
        guard Self.isParsable(body, limit: call.settings.maxResponseBytes) else {
            return unusable("the answer has too many values for its length")
        }
        do throws(Failure) {
            if operation.kind.isReading {
                // What came in time is an answer, unless it takes long to parse.
                let reading = try Reading(text: text, of: operation.kind.setting, until: body.count > Self.longBytes ? call : nil)
                return .success(text: text, reading: reading)
            }
            try JSON.answer(text).checkWriteAnswer()
            return .success(text: text, reading: nil)
        } catch {
            switch error.status {
            case .protocolError: return .unusable(error.answered(response, ""))
            case .timeout: return .ambiguous(error, isComplete: false, isTransient: true)  // as if it had come too late
            default: throw error
            }
        }
    }

    /// A parsed value needs far more memory than a text of two or three bytes, so an answer of little else is not parsed: about
    /// 200 bytes for an object, 30 for a number.
    static func isParsable(_ body: [UInt8], limit: Int) -> Bool {
        guard body.count > Self.longBytes else { return true }
        var weight = 0
        for byte in body {
            if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                weight += 8
            } else if byte == UInt8(ascii: ",") {
                weight += 1
            }
        }
        return weight <= limit / 4
    }
}

extension Failure {
    /// As a service answered it.
    fileprivate func answered(_ response: HTTPResponse, _ words: String) -> Failure {
        with {
            $0.httpStatus = response.status
            $0.serviceMessage = words
            if $0.retryable { $0.retryAfter = response.retryAfter }
        }
    }
}
