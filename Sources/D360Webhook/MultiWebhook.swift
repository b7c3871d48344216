import CD360Webhook
import WebhookModel

@_cdecl("d360_multi_webhook_get") @implementation
public func d360_multi_webhook_get(
    _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ response_json: TextOut?
) -> d360_status {
    operate(client, api_key, response_json) { _ in Request(.multiWebhookGet) }
}

@_cdecl("d360_multi_webhook_set") @implementation
public func d360_multi_webhook_set(
    _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ request_json: UnsafePointer<CChar>?, _ response_json: TextOut?
) -> d360_status {
    operate(client, api_key, request_json, response_json, Judge.multiWebhookSet)
}

@_cdecl("d360_multi_webhook_append") @implementation
public func d360_multi_webhook_append(
    _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ request_json: UnsafePointer<CChar>?, _ response_json: TextOut?
) -> d360_status {
    operate(client, api_key, request_json, response_json, Judge.multiWebhookAppend)
}

@_cdecl("d360_multi_webhook_update") @implementation
public func d360_multi_webhook_update(
    _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ request_json: UnsafePointer<CChar>?, _ response_json: TextOut?
) -> d360_status {
    operate(client, api_key, request_json, response_json, Judge.multiWebhookUpdate)
}

@_cdecl("d360_multi_webhook_delete") @implementation
public func d360_multi_webhook_delete(
    _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ dest_name: UnsafePointer<CChar>?, _ response_json: TextOut?
) -> d360_status {
    guard let dest_name else { return missing(client, api_key, "dest_name", response_json) }
    return operate(client, api_key, response_json) { _ throws(Failure) in
        try Request(deleting: text(dest_name, "dest_name"))
    }
}
