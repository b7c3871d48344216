import CD360Webhook
import EmbeddedService
import WebhookModel

@_cdecl("d360_channel_register") @implementation
public func d360_channel_register(
    _ client: OpaquePointer?, _ channel_json: UnsafePointer<CChar>?, _ response_json: TextOut?
) -> d360_status {
    answer(into: response_json) { () throws(Failure) -> Told in
        let session = ClientSession.of(try required(client, "client"))
        let json = try text(try required(channel_json, "channel_json"), "channel_json", else: .malformedJSON)
        let channel = try ChannelRegistration(json)
        let service = try session.service.channels("d360_channel_register")
        return try session.call { call throws(Failure) in Told(try service.register(channel, call: call), .applied) }
    }
}

@_cdecl("d360_channel_list") @implementation
public func d360_channel_list(_ client: OpaquePointer?, _ response_json: TextOut?) -> d360_status {
    answer(into: response_json) { () throws(Failure) in
        let session = ClientSession.of(try required(client, "client"))
        let service = try session.service.channels("d360_channel_list")
        return try session.call { call throws(Failure) in try service.listChannels(call: call) }
    }
}

@_cdecl("d360_channel_remove") @implementation
public func d360_channel_remove(
    _ client: OpaquePointer?, _ phone_number_id: UnsafePointer<CChar>?, _ response_json: TextOut?
) -> d360_status {
    answer(into: response_json) { () throws(Failure) -> Told in
        let session = ClientSession.of(try required(client, "client"))
        let id = try text(try required(phone_number_id, "phone_number_id"), "phone_number_id")
        let service = try session.service.channels("d360_channel_remove")
        return try session.call { call throws(Failure) in Told(try service.removeChannel(id, call: call), .applied) }
    }
}
