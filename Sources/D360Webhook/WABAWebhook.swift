import CD360Webhook
import Waiting
import WebhookModel

@_cdecl("d360_waba_webhook_get") @implementation
public func d360_waba_webhook_get(
    _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ response_json: TextOut?
) -> d360_status {
    operate(client, api_key, response_json) { _ in Request(.wabaWebhookGet) }
}

@_cdecl("d360_waba_webhook_set") @implementation
public func d360_waba_webhook_set(
    _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ request_json: UnsafePointer<CChar>?, _ response_json: TextOut?
) -> d360_status {
    operate(client, api_key, request_json, response_json, Judge.wabaWebhookSet)
}

@_cdecl("d360_waba_webhook_wait") @implementation
public func d360_waba_webhook_wait(
    _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ request_json: UnsafePointer<CChar>?, _ timeout_ms: Int64,
    _ response_json: TextOut?
) -> d360_status {
    answer(into: response_json) { () throws(Failure) in
        let session = ClientSession.of(try required(client, "client"))
        let (keyText, json) = (try required(api_key, "api_key"), try required(request_json, "request_json"))
        let key = try text(keyText, "api_key")
        let requestText = try text(json, "request_json", else: .malformedJSON)
        guard timeout_ms >= 0 else { throw Failure(.invalidArgument, "timeout_ms is negative") }
        return try session.call { call throws(Failure) in
            let service = session.service.webhooks
            let judge = Judge(scope: service.scope, policy: call.settings.urlPolicy)
            let request = try Request(requestText, judge) { judge, json throws(Failure) in try judge.wabaWebhookSet(json) }
            return try service.waitForWABAWebhook(request, key: APIKey(key), timeout: timeout_ms, call: call)
        }
    }
}
