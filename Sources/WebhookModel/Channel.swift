/// A phone number of an embedded service as it is registered; what is nil stays as it was.
public struct ChannelRegistration: Sendable {
    public var phoneNumberID = ""
    public var phoneNumber: String?
    public var wabaID: Int64?
    public var key: APIKey?
}

/// A phone number of an embedded service as it is listed, without its key.
public struct Channel: Sendable {
    public let phoneNumberID: String
    public let phoneNumber: String?
    public let wabaID: Int64

    public init(phoneNumberID: String, phoneNumber: String?, wabaID: Int64) {
        self.phoneNumberID = phoneNumberID
        self.phoneNumber = phoneNumber
        self.wabaID = wabaID
    }

    public func json() throws(Failure) -> JSON {
        var members: [(String, JSON)] = [("phone_number_id", try .string(phoneNumberID))]
        if let phoneNumber { members.append(("phone_number", try .string(phoneNumber))) }
        members.append(("waba_id", try .integer(wabaID)))
        return try .object(members)
    }
}

extension ChannelRegistration {
    /// `{"phone_number_id", "phone_number"?, "waba_id"?, "api_key"?}`; texts have 1 to 256 bytes.
    public init(_ text: String) throws(Failure) {
        let json: JSON
        do throws(JSON.Flaw) { json = try JSON(parsing: text) } catch { throw error.failure("the request") }
        let judge = Judge(scope: .embedded, policy: .none)
        var channel = ChannelRegistration()
        try judge.members(
            of: json, at: "", required: ["phone_number_id"], optional: ["phone_number", "waba_id", "api_key"]
        ) { name, value, path throws(Failure) in
            switch name {
            case "phone_number_id": channel.phoneNumberID = try judge.identifier(value, at: path)
            case "phone_number": channel.phoneNumber = try judge.identifier(value, at: path)
            case "waba_id":
                guard let number = value.integer, number > 0 else {
                    return try judge.refuse(.documented, "waba_id must be an integer from 1 to 2^63 - 1", at: path)
                }
                channel.wabaID = number
            default:
                let key = try judge.identifier(value, at: path)
                do throws(Failure) { channel.key = try APIKey(key) } catch {
                    try judge.refuse(.documented, "api_key holds a byte outside 0x21 to 0x7E", at: path)
                }
            }
        }
        self = channel
    }
}

extension Judge {
    fileprivate func identifier(_ json: JSON, at path: String) throws(Failure) -> String {
        let text = try string(json, at: path)
        if text.isEmpty || text.utf8.count > 256 || text.unicodeScalars.contains(where: { $0.isControl }) {
            try refuse(.ours, "\(Self.subject(path)) has 1 to 256 bytes and no control character", at: path)
        }
        return text
    }
}
