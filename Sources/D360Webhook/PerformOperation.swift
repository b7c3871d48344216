import CD360Webhook
import Support
import WebhookModel

/// Performs one of the nine operations; `argument` is its request_json or its dest_name, and is ignored by readings.
func perform(
    _ kind: OperationKind, _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ argument: UnsafePointer<CChar>?,
    _ response_json: TextOut?
) -> d360_status {
    call(kind.name, client, into: response_json) { session, call throws(Failure) in
        let key = try nonNull(api_key, "api_key")
        let argument = kind.isReading ? nil : try nonNull(argument, kind.takesBody ? "request_json" : "dest_name")
        let keyText = try text(key, "api_key")
        let request = try session.request(kind, argument, call)
        if call.isCancelled { throw .cancelled }
        let answer = try session.service.webhooks.perform(
            request, key: APIKey(keyText), call: session.service.operation(of: call))
        return CallResult(answer, kind.isReading ? .notApplied : .applied)
    }
}

/// Waits until the WABA webhook is what request_json asks for.
func waitForWABAWebhook(
    _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ request_json: UnsafePointer<CChar>?, _ timeout: Int64,
    _ response_json: TextOut?
) -> d360_status {
    call("waba_webhook_wait", client, into: response_json) { session, call throws(Failure) in
        let key = try nonNull(api_key, "api_key")
        let argument = try nonNull(request_json, "request_json")
        let keyText = try text(key, "api_key")
        let json = try jsonText(argument, "request_json")
        guard timeout >= 0 else { throw Failure(.invalidArgument, "timeout_ms is negative") }
        let request = try Request(.wabaWebhookSet, json, session.validator(call), call)
        let answer = try waitForWABAWebhook(
            request, of: session.service.webhooks, key: APIKey(keyText), timeout: .milliseconds(timeout), call: call)
        return CallResult(answer)
    }
}

extension ClientSession {
    func validator(_ call: Call) -> RequestValidator {
        RequestValidator(scope: service.webhooks.scope, policy: call.settings.urlPolicy)
    }

    fileprivate func request(
        _ kind: OperationKind, _ argument: UnsafePointer<CChar>?, _ call: Call
    ) throws(Failure) -> Request {
        guard let argument else { return Request(kind.setting) }
        if kind.takesDestinationName { return try Request(deleting: text(argument, "dest_name")) }
        return try Request(kind, jsonText(argument, "request_json"), validator(call), call)
    }
}
