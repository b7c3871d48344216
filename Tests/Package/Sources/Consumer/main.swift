import CD360Webhook
import Glibc

var client: OpaquePointer?
var answer: UnsafeMutablePointer<CChar>?
guard d360_open("sqlite::memory:", nil, &client, &answer) == D360_OK else {
    print(answer.map { String(cString: $0) } ?? "no answer")
    d360_string_free(answer)
    exit(1)
}
print(d360_version().map { String(cString: $0) } ?? "no version")
let channel = #"{"phone_number_id": "106540352242922", "waba_id": 123065260884961, "api_key": "key"}"#
let status = d360_channel_register(client, channel, &answer)
print(d360_status_name(status).map { String(cString: $0) } ?? "no status")
d360_string_free(answer)
d360_close(client)
