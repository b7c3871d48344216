import JSON
import Support

/// A phone number of an embedded service as it is registered; what is nil stays as it was.
package struct ChannelRegistration: Sendable {
    package var phoneNumberID = ""
    package var phoneNumber: String?
    package var wabaID: Int64?
    package var key: APIKey?
}

/// A phone number of an embedded service as it is listed, without its key.
package struct Channel: Sendable {
    package let phoneNumberID: String
    package let phoneNumber: String?
    package let wabaID: Int64

    package init(phoneNumberID: String, phoneNumber: String?, wabaID: Int64) {
        self.phoneNumberID = phoneNumberID
        self.phoneNumber = phoneNumber
        self.wabaID = wabaID
    }

    package func json() throws(Failure) -> JSON {
        var members: [(String, JSON)] = [("phone_number_id", try .string(phoneNumberID))]
        if let phoneNumber { members.append(("phone_number", try .string(phoneNumber))) }
        members.append(("waba_id", try .integer(wabaID)))
        return try .object(members)
    }
}

extension ChannelRegistration {
    /// `{"phone_number_id", "phone_number"?, "waba_id"?, "api_key"?}`; texts have 1 to 256 bytes.
    package init(_ text: String) throws(Failure) {
        let json = try JSON(request: text, named: "the request")
        let validator = RequestValidator(scope: .embedded, policy: .none)
        var channel = ChannelRegistration()
        try validator.members(
            of: json, at: "", required: ["phone_number_id"], optional: ["phone_number", "waba_id", "api_key"]
        ) { name, value, path throws(Failure) in
            switch name {
            case "phone_number_id": channel.phoneNumberID = try validator.identifier(value, at: path)
            case "phone_number": channel.phoneNumber = try validator.identifier(value, at: path)
            case "waba_id":
                guard let number = value.integer, number > 0 else {
                    return try validator.reject(.documented, "waba_id must be an integer from 1 to 2^63 - 1", at: path)
                }
                channel.wabaID = number
            default:
                let key = try validator.identifier(value, at: path)
                do throws(Failure) { channel.key = try APIKey(key) } catch {
                    try validator.reject(.documented, "api_key must only contain bytes from 0x21 to 0x7E", at: path)
                }
            }
        }
        self = channel
    }
}

extension RequestValidator {
    fileprivate func identifier(_ json: JSON, at path: String) throws(Failure) -> String {
        let text = try string(json, at: path)
        if text.isEmpty || text.utf8.count > 256 || text.unicodeScalars.contains(where: { $0.isControl }) {
            try reject(.ours, "\(Self.subject(path)) must have 1 to 256 bytes and no control character", at: path)
        }
        return text
    }
}
