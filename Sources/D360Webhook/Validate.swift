import CD360Webhook
import WebhookModel

@_cdecl("d360_webhook_validate") @implementation
public func d360_webhook_validate(
    _ webhook_json: UnsafePointer<CChar>?, _ options_json: UnsafePointer<CChar>?, _ report_json: TextOut?
) -> d360_status {
    var isValid = true
    let status = answer(into: report_json) { () throws(Failure) in
        let webhook = try text(try required(webhook_json, "webhook_json"), "webhook_json", else: .malformedJSON)
        let problems = try problems(of: webhook, urlPolicy(options(options_json)))
        isValid = problems.isEmpty
        return try report(problems).text()
    }
    return status == D360_OK && !isValid ? d360_status(D360_INVALID_REQUEST) : status
}

private func urlPolicy(_ text: String?) throws(Failure) -> URLPolicy {
    guard let text else { return .cloud }
    var policy = URLPolicy.cloud
    for (name, value) in try Options.object(text).members {
        guard name == "url_policy" else { throw Options.bad(name, "is not an option of d360_webhook_validate") }
        policy = try Options.urlPolicy(value)
    }
    return policy
}

private func problems(of webhook: String, _ policy: URLPolicy) throws(Failure) -> [Judge.Problem] {
    let judge = Judge(scope: .embedded, policy: policy, collects: true)
    let json: JSON
    do throws(JSON.Flaw) { json = try JSON(parsing: webhook) } catch {
        let failure = error.failure("webhook_json")
        guard failure.status == .invalidRequest, let path = failure.path else { throw failure }
        return [Judge.Problem(path: path, message: failure.message, rule: .ours)]
    }
    _ = try judge.webhook(json)
    return judge.problems
}

private func report(_ problems: [Judge.Problem]) throws(Failure) -> JSON {
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
