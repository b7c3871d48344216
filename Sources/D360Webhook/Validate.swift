import CD360Webhook
import JSON
import Support
import WebhookModel

@_cdecl("d360_webhook_validate") @implementation
public func d360_webhook_validate(
    _ webhook_json: UnsafePointer<CChar>?, _ options_json: UnsafePointer<CChar>?, _ report_json: TextOut?
) -> d360_status {
    var isValid = true
    let status = respond(into: report_json) { () throws(Failure) in
        let webhook = try nonNull(webhook_json, "webhook_json")
        let problems = try problems(of: webhook, urlPolicy(options(options_json)))
        isValid = problems.isEmpty
        return CallResult(try report(problems).text())
    }
    return status == D360_OK && !isValid ? d360_status(D360_INVALID_REQUEST) : status
}

private func urlPolicy(_ text: String?) throws(Failure) -> URLPolicy {
    guard let text else { return .cloud }
    var policy = URLPolicy.cloud
    for (name, value) in try ClientOptions.object(text).members {
        guard name == "url_policy" else { throw ClientOptions.bad(name, "is not an option of d360_webhook_validate") }
        policy = try ClientOptions.urlPolicy(value)
    }
    return policy
}

private func problems(of webhook: UnsafePointer<CChar>, _ policy: URLPolicy) throws(Failure) -> [RequestValidator.Problem] {
    let validator = RequestValidator(scope: .embedded, policy: policy, collects: true)
    let json: JSON
    do throws(Failure) {
        json = try JSON(request: jsonText(webhook, "webhook_json", named: "webhook_json"), named: "webhook_json")
    } catch {
        guard error.status == .invalidRequest, let path = error.path else { throw error }
        return [RequestValidator.Problem(path: path, message: error.message, rule: .ours)]
    }
    _ = try validator.webhook(json)
    return validator.problems
}

private func report(_ problems: [RequestValidator.Problem]) throws(Failure) -> JSON {
    var rows: [JSON] = []
    for problem in problems {
        rows.append(
            try .object([
                ("path", .string(problem.path)), ("message", .string(problem.message)),
                ("rule", .string(problem.rule == .documented ? "documented" : "ours")),
            ]))
    }
    return try .object([("valid", .boolean(problems.isEmpty)), ("problems", .array(rows))])
}
