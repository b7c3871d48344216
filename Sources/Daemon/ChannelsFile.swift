import EmbeddedService
import JSON
import Support
import WebhookModel

/// `--channels`: `{"channels": [{"phone_number_id", "phone_number"?, "waba_id", "api_key"}, …]}`.
enum ChannelsFile {
    /// Bytes: some 500,000 channels.
    private static let most = 64 * 1_048_576

    /// Registers them all, or throws at the first that is refused. The file is looked through first, so that one with a
    /// flaw changes nothing.
    static func load(_ path: String, into service: EmbeddedService, call: Call) throws(Failure) -> Int {
        let file = try TextFile(path, most: most)
        let json = try JSON(request: file.text, named: path, limit: most)
        guard json.kind == .object, json.members.count == 1, let list = json["channels"], list.kind == .array else {
            throw Failure(.invalidRequest, #"\#(path) must be {"channels": [channel, …]}"#)
        }
        var channels: [ChannelRegistration] = []
        var owners: [ExactString: ExactString] = [:]
        for (index, element) in list.elements.enumerated() {
            try blaming(path, index) { () throws(Failure) in
                let channel = try ChannelRegistration(element.text())
                try check(channel, &owners)
                channels.append(channel)
            }
        }
        for (index, channel) in channels.enumerated() {
            try blaming(path, index) { () throws(Failure) in _ = try service.register(channel, call: call) }
        }
        return channels.count
    }

    /// What a registration of its own is told by the service, too late for a file; `owners` are the phone numbers by key.
    private static func check(
        _ channel: ChannelRegistration, _ owners: inout [ExactString: ExactString]
    ) throws(Failure) {
        guard channel.wabaID != nil, let key = channel.key else {
            throw Failure(.invalidRequest, "\(channel.key == nil ? "api_key" : "waba_id") is missing", path: "")
        }
        let number = ExactString(channel.phoneNumberID)
        guard owners.updateValue(number, forKey: ExactString(key.text)) ?? number == number else {
            throw Failure(.conflict, "api_key belongs to another phone number", path: "/api_key")
        }
    }

    private static func blaming(_ path: String, _ index: Int, _ body: () throws(Failure) -> Void) throws(Failure) {
        do throws(Failure) { try body() } catch {
            throw error.with { $0.message = "\(path): /channels/\(index)\($0.path ?? ""): \($0.message)" }
        }
    }
}
