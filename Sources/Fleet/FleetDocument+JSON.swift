import JSON
import Support
import WebhookModel

extension FleetDocument {
    /// Bytes of a fleet document or of fleet options.
    package static let maximumBytes = 64 * JSON.maximumBytes

    /// `{"webhooks"?, "profiles"?, "accounts"}`. URLs, headers and names of destinations are held to what the service's own
    /// requests are held to.
    package init(_ text: String, _ validator: RequestValidator) throws(Failure) {
        let json = try JSON(fleet: text)
        let reader = SectionReader(validator)
        try reader.strict.members(
            of: json, at: "", required: ["accounts"], optional: ["webhooks", "profiles"]
        ) { name, value, path throws(Failure) in
            if name != "accounts" { try reader.mustBeObject(value, at: path) }
        }
        for (name, value) in json["webhooks"]?.members ?? [] {
            reader.webhooks[ExactString(name)] = try reader.webhook(value, at: JSONPointer.path("/webhooks", name), mayUse: false)
        }
        var profiles: [ExactString: Sections] = [:]
        for (name, value) in json["profiles"]?.members ?? [] {
            let place = JSONPointer.path("/profiles", name)
            var sections = Sections()
            try reader.strict.members(
                of: value, at: place, required: [], optional: Section.allCases.map { $0.rawValue }
            ) { section, value, path throws(Failure) in
                try reader.take(section, value, at: path, into: &sections)
            }
            profiles[ExactString(name)] = sections
        }
        try reader.accounts(of: json) { value, path throws(Failure) in try reader.account(value, at: path, profiles) }
        accounts = reader.taken
    }

    /// `{"accounts": [{"name", "api_key"}]}`: what an export takes.
    package init(keys text: String, _ validator: RequestValidator) throws(Failure) {
        let json = try JSON(fleet: text)
        let reader = SectionReader(validator)
        try reader.strict.members(of: json, at: "", required: ["accounts"]) { _, _, _ in }
        try reader.accounts(of: json) { value, path throws(Failure) in
            var identity = Identity()
            try reader.strict.members(of: value, at: path, required: ["name", "api_key"]) { name, value, path throws(Failure) in
                try reader.take(name, value, at: path, into: &identity)
            }
            return try identity.account
        }
        accounts = reader.taken
    }
}

extension JSON {
    fileprivate init(fleet text: String) throws(Failure) {
        try self.init(request: text, named: "the document", limit: FleetDocument.maximumBytes)
    }
}

/// An account's sections, or a profile's.
struct Sections {
    var customer = CustomerSection.unmanaged
    var waba: WABASection?
    var multi: MultiSection?
}

/// Who an account is.
struct Identity {
    var name = ""
    var key: APIKey?

    /// Its members were there, as they are required.
    var account: FleetAccount {
        get throws(Failure) {
            guard let key else { throw .fault("an account without a key") }
            return FleetAccount(name: name, key: key)
        }
    }
}
