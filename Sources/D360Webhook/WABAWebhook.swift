import CD360Webhook
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
    operate(client, api_key, request_json, response_json, Judge.wabaWebhookSet, waiting: timeout_ms)
}
