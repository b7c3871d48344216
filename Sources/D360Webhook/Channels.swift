import CD360Webhook
import EmbeddedService
import Support
import WebhookModel

@_cdecl("d360_channel_register") @implementation
public func d360_channel_register(
    _ client: OpaquePointer?, _ channel_json: UnsafePointer<CChar>?, _ response_json: TextOut?
) -> d360_status {
    call("channel_register", client, into: response_json) { session, call throws(Failure) in
        let json = try jsonText(try nonNull(channel_json, "channel_json"), "channel_json")
        let channel = try ChannelRegistration(json)
        return CallResult(try session.service.embedded("d360_channel_register").register(channel, call: call), .applied)
    }
}

@_cdecl("d360_channel_list") @implementation
public func d360_channel_list(_ client: OpaquePointer?, _ response_json: TextOut?) -> d360_status {
    call("channel_list", client, into: response_json) { session, call throws(Failure) in
        CallResult(try session.service.embedded("d360_channel_list").listChannels(call: call))
    }
}

@_cdecl("d360_channel_remove") @implementation
public func d360_channel_remove(
    _ client: OpaquePointer?, _ phone_number_id: UnsafePointer<CChar>?, _ response_json: TextOut?
) -> d360_status {
    call("channel_remove", client, into: response_json) { session, call throws(Failure) in
        let id = try text(try nonNull(phone_number_id, "phone_number_id"), "phone_number_id")
        return CallResult(try session.service.embedded("d360_channel_remove").removeChannel(id, call: call), .applied)
    }
}
