import JSON
import Support

extension Failure {
    /// The error document of the C interface.
    package func document() throws(Failure) -> String {
        let text = try JSON.object([("error", json())]).text()
        // A fleet's report may have many MiB, and a cancel waits for it: it is JSON text already, so it is not parsed again.
        guard let report else { return text }
        var document = String(text.dropLast(2))
        document.reserveCapacity(text.utf8.count + report.utf8.count + 16)
        document += ",\"report\":"
        document += report
        document += "}}"
        return document
    }

    /// The member "error" of that document, without a report.
    package func json() throws(Failure) -> JSON {
        var error: [(String, JSON)] = [
            ("status", try .string("\(status.name)")),
            ("code", try .integer(Int64(status.rawValue))),
            ("message", try .string(message)),
        ]
        if let path { error.append(("path", try .string(path))) }
        if let httpStatus { error.append(("http_status", try .integer(Int64(httpStatus)))) }
        error.append(("retryable", try .boolean(retryable)))
        error.append(("outcome", try .string(outcome.rawValue)))
        error.append(("attempts", try .integer(Int64(attempts))))
        if let serviceMessage { error.append(("service_message", try .string(serviceMessage))) }
        if let lastSeen { error.append(("last_seen", try JSON.answer(lastSeen))) }
        return try .object(error)
    }
}

extension JSON {
    /// Parses what a service answered; its size was bounded when it was read. The end of `call` ends the parsing of a long answer.
    package static func answer(_ text: String, until call: Call? = nil) throws(Failure) -> JSON {
        do throws(Flaw) { return try JSON(parsing: text, limit: .max, call: call, isTimed: true) } catch {
            switch error {
            case .overdue: throw .overdue
            case .outOfMemory: throw .outOfMemory
            case .cancelled: throw .cancelled
            case .malformed(let flaw): throw Failure(.protocolError, "the answer is not JSON: \(flaw)")
            case .tooLarge, .numberOutOfRange:
                throw Failure(.protocolError, "the answer contains a number beyond a signed 64-bit integer or a double")
            }
        }
    }
}
