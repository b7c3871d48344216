import CD360Webhook
import JSON
import Support
import WebhookModel

@_cdecl("d360_error_outcome") @implementation
public func d360_error_outcome(_ error_json: UnsafePointer<CChar>?) -> d360_outcome {
    guard let error_json, let error = try? errorMember(of: error_json), let name = error["outcome"]?.string else {
        return d360_outcome(D360_UNKNOWN)
    }
    switch Failure.Outcome(rawValue: name) {
    case .notApplied: return d360_outcome(D360_NOT_APPLIED)
    case .applied: return d360_outcome(D360_APPLIED)
    case .unknown, nil: return d360_outcome(D360_UNKNOWN)
    }
}

@_cdecl("d360_error_text") @implementation
public func d360_error_text(
    _ error_json: UnsafePointer<CChar>?, _ member: UnsafePointer<CChar>?, _ text: TextOut?
) -> d360_status {
    storeText(text, "text") { () throws(Failure) in
        let document = try nonNull(error_json, "error_json")
        let member = try D360Webhook.text(try nonNull(member, "member"), "member")
        guard ["message", "path", "service_message", "status"].contains(member) else {
            throw Failure(.invalidArgument, "member must be message, path, service_message or status")
        }
        guard let value = try errorMember(of: document).member(member)?.string else {
            throw Failure(.notFound, "the error document has no \(member)")
        }
        return value
    }
}

@_cdecl("d360_json_quote") @implementation
public func d360_json_quote(_ text: UnsafePointer<CChar>?, _ quoted: TextOut?) -> d360_status {
    storeText(quoted, "quoted") { () throws(Failure) in
        try JSON.string(D360Webhook.text(try nonNull(text, "text"), "text")).text()
    }
}

/// Stores a text that must be wanted, or NULL and no error document.
private func storeText(_ place: TextOut?, _ argument: StaticString, _ make: () throws(Failure) -> String) -> d360_status {
    place?.pointee = nil
    do throws(Failure) {
        let place = try nonNull(place, argument)
        guard store(try make(), at: place) else { throw .outOfMemory }
        return d360_status(D360_OK)
    } catch {
        return error.status.rawValue
    }
}

/// The member "error" of an error document. A document with a report has any length.
private func errorMember(of document: UnsafePointer<CChar>) throws(Failure) -> JSON {
    let text = try text(document, "error_json", limit: .max - 1, notUTF8: .malformedJSON)
    let json = try JSON(request: text, named: "error_json", limit: .max)
    guard let error = json["error"], error.kind == .object else {
        throw Failure(.invalidArgument, "error_json is not an error document")
    }
    return error
}
