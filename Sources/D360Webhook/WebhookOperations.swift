import CD360Webhook
import Support
import WebhookModel

@_cdecl("d360_multi_webhook_get") @implementation
public func d360_multi_webhook_get(
    _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ response_json: TextOut?
) -> d360_status {
    perform(.multiWebhookGet, client, api_key, nil, response_json)
}

@_cdecl("d360_multi_webhook_set") @implementation
public func d360_multi_webhook_set(
    _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ request_json: UnsafePointer<CChar>?, _ response_json: TextOut?
) -> d360_status {
    perform(.multiWebhookSet, client, api_key, request_json, response_json)
}

@_cdecl("d360_multi_webhook_append") @implementation
public func d360_multi_webhook_append(
    _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ request_json: UnsafePointer<CChar>?, _ response_json: TextOut?
) -> d360_status {
    perform(.multiWebhookAppend, client, api_key, request_json, response_json)
}

@_cdecl("d360_multi_webhook_update") @implementation
public func d360_multi_webhook_update(
    _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ request_json: UnsafePointer<CChar>?, _ response_json: TextOut?
) -> d360_status {
    perform(.multiWebhookUpdate, client, api_key, request_json, response_json)
}

@_cdecl("d360_multi_webhook_delete") @implementation
public func d360_multi_webhook_delete(
    _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ dest_name: UnsafePointer<CChar>?, _ response_json: TextOut?
) -> d360_status {
    perform(.multiWebhookDelete, client, api_key, dest_name, response_json)
}

@_cdecl("d360_customer_webhook_get") @implementation
public func d360_customer_webhook_get(
    _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ response_json: TextOut?
) -> d360_status {
    perform(.customerWebhookGet, client, api_key, nil, response_json)
}

@_cdecl("d360_customer_webhook_set") @implementation
public func d360_customer_webhook_set(
    _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ request_json: UnsafePointer<CChar>?, _ response_json: TextOut?
) -> d360_status {
    perform(.customerWebhookSet, client, api_key, request_json, response_json)
}

@_cdecl("d360_waba_webhook_get") @implementation
public func d360_waba_webhook_get(
    _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ response_json: TextOut?
) -> d360_status {
    perform(.wabaWebhookGet, client, api_key, nil, response_json)
}

@_cdecl("d360_waba_webhook_set") @implementation
public func d360_waba_webhook_set(
    _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ request_json: UnsafePointer<CChar>?, _ response_json: TextOut?
) -> d360_status {
    perform(.wabaWebhookSet, client, api_key, request_json, response_json)
}

@_cdecl("d360_waba_webhook_wait") @implementation
public func d360_waba_webhook_wait(
    _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ request_json: UnsafePointer<CChar>?, _ timeout_ms: Int64,
    _ response_json: TextOut?
) -> d360_status {
    waitForWABAWebhook(client, api_key, request_json, timeout_ms, response_json)
}
