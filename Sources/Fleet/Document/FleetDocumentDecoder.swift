import JSON
import Support
import WebhookModel

extension FleetDocument {
    /// Decodes `{"webhooks"?, "profiles"?, "accounts"}`. URLs, headers and names of destinations must pass the rules that the
    /// service's own requests must pass.
    package init(_ text: String, _ validator: RequestValidator, _ call: Call? = nil) throws(Failure) {
        let json = try JSON(request: text, named: "the document", limit: Self.maximumBytes, call: call)
        let decoder = FleetDocumentDecoder(validator, call)
        try decoder.strict.members(
            of: json, at: "", required: ["accounts"], optional: ["webhooks", "profiles"]
        ) { name, value, path throws(Failure) in
            if name != "accounts" { try decoder.expectObject(value, at: path) }
        }
        try decoder.decodeWebhooks(json["webhooks"])
        try decoder.decodeProfiles(json["profiles"])
        accounts = try decoder.accounts(of: json) { value, path throws(Failure) in try decoder.account(value, at: path) }
    }

    /// Decodes `{"accounts": [{"name", "api_key"}]}`, which an export takes.
    package init(keys text: String, _ validator: RequestValidator, _ call: Call? = nil) throws(Failure) {
        let json = try JSON(request: text, named: "the document", limit: Self.maximumBytes, call: call)
        let decoder = FleetDocumentDecoder(validator, call)
        try decoder.strict.members(of: json, at: "", required: ["accounts"]) { _, _, _ in }
        accounts = try decoder.accounts(of: json) { value, path throws(Failure) in
            var identity = AccountIdentity()
            try decoder.strict.members(of: value, at: path, required: ["name", "api_key"]) { name, value, path throws(Failure) in
                try decoder.decode(name, value, at: path, into: &identity)
            }
            return try identity.account()
        }
    }
}

/// The name and the key of an account.
struct AccountIdentity {
    var name = ""
    var key: APIKey?

    /// Both members were required, so they are there.
    func account() throws(Failure) -> FleetAccount {
        guard let key else { throw .fault("an account without a key") }
        return FleetAccount(name: name, key: key)
    }
}

/// A webhook of the document. A customer webhook whose headers are left out keeps the headers it has.
struct GivenWebhook {
    var url: ExactString = ""
    var headers: Headers?

    var webhook: Webhook { Webhook(url: url, headers: headers ?? Headers()) }
}

/// Decodes the parts of a fleet document; the first broken rule is thrown with its path.
final class FleetDocumentDecoder {
    /// Checks the document's own shape: no service looks at that later.
    let strict: RequestValidator
    /// Checks what requests will carry.
    private let validator: RequestValidator
    private let call: Call?
    private var webhooks: [ExactString: GivenWebhook] = [:]
    private var profiles: [ExactString: ManagedSections] = [:]

    private typealias Setting = OperationKind.Setting
    private static let sections = [Setting.customerWebhook, .wabaWebhook, .multiWebhook].map { $0.rawValue }

    init(_ validator: RequestValidator, _ call: Call?) {
        self.validator = validator
        self.call = call
        strict = RequestValidator(scope: .embedded, policy: validator.policy)
    }

    private func reject(_ message: String, at path: String) throws(Failure) {
        try strict.reject(.documented, message, at: path)
    }

    func expectObject(_ json: JSON, at path: String) throws(Failure) {
        if json.kind != .object { try reject("\(RequestValidator.subject(path)) must be an object", at: path) }
    }

    func decodeWebhooks(_ json: JSON?) throws(Failure) {
        for (name, value) in json?.members ?? [] {
            webhooks[ExactString(name)] = try webhook(value, at: JSONPointer.path("/webhooks", name), mayUse: false)
        }
    }

    func decodeProfiles(_ json: JSON?) throws(Failure) {
        for (name, value) in json?.members ?? [] {
            let path = JSONPointer.path("/profiles", name)
            var sections = ManagedSections()
            try strict.members(of: value, at: path, required: [], optional: Self.sections) {
                section, value, path throws(Failure) in
                try decode(section: section, value, at: path, into: &sections)
            }
            profiles[ExactString(name)] = sections
        }
    }

    func accounts(
        of document: JSON, _ decode: (JSON, String) throws(Failure) -> FleetAccount
    ) throws(Failure) -> [FleetAccount] {
        guard let list = document["accounts"], list.kind == .array else {
            try reject("accounts must be an array", at: "/accounts")
            return []
        }
        var accounts: [FleetAccount] = []
        var names: Set<ExactString> = []
        var keys: Set<String> = []
        var walk = list.walkElements()
        while let value = walk.next() {
            if call?.isCancelled == true { throw .cancelled }
            let path = JSONPointer.path("/accounts", accounts.count)
            let account = try decode(value, path)
            if !names.insert(ExactString(account.name)).inserted {
                try reject("another account has the name \(quoted(account.name))", at: "\(path)/name")
            }
            if !keys.insert(account.key.text).inserted {
                try reject("another account has the same api_key", at: "\(path)/api_key")
            }
            accounts.append(account)
        }
        return accounts
    }

    func account(_ json: JSON, at path: String) throws(Failure) -> FleetAccount {
        var identity = AccountIdentity()
        var expectation = Expectation()
        var own: [(name: String, value: JSON, path: String)] = []
        var sections = ManagedSections()
        try strict.members(
            of: json, at: path, required: ["name", "api_key"], optional: ["profile", "expect"] + Self.sections
        ) { name, value, path throws(Failure) in
            switch name {
            case "name", "api_key": try decode(name, value, at: path, into: &identity)
            case "profile":
                let profile = try strict.string(value, at: path)
                guard let found = profiles[ExactString(profile)] else {
                    return try reject("no profile is named \(quoted(profile))", at: path)
                }
                sections = found
            case "expect": expectation = try self.expectation(value, at: path)
            default: own.append((name, value, path))
            }
        }
        // An account's own section takes the place of its profile's whole section.
        for (name, value, path) in own { try decode(section: name, value, at: path, into: &sections) }
        var account = try identity.account()
        account.expectation = expectation
        account.sections = sections
        return account
    }

    func decode(_ name: String, _ value: JSON, at path: String, into identity: inout AccountIdentity) throws(Failure) {
        let text = try strict.string(value, at: path)
        if name == "name" {
            if text.isEmpty || text.sanitized != text {
                try reject("the name of an account must not be empty and must not contain a control character", at: path)
            }
            identity.name = text
            return
        }
        do throws(Failure) { identity.key = try APIKey(text) } catch {
            try reject(text.isEmpty ? "api_key is empty" : error.message, at: path)
        }
    }

    private func expectation(_ json: JSON, at path: String) throws(Failure) -> Expectation {
        var expectation = Expectation()
        try strict.members(of: json, at: path, required: [], optional: ["waba_id", "number"]) {
            name, value, path throws(Failure) in
            if name == "waba_id" {
                guard let id = value.integer, id > 0 else {
                    return try reject("waba_id must be an integer from 1 to 2^63 - 1", at: path)
                }
                expectation.wabaID = id
            } else {
                let number = try strict.string(value, at: path)
                if phoneDigits(number).isEmpty || number.sanitized != number {
                    try reject("number must contain the digits of a phone number and no control character", at: path)
                }
                expectation.number = number
            }
        }
        return expectation
    }

    private func decode(
        section: String, _ value: JSON, at path: String, into sections: inout ManagedSections
    ) throws(Failure) {
        switch Setting(rawValue: section) {
        case .customerWebhook:
            if value.kind == .null {
                sections.customer = .follows
            } else {
                let webhook = try webhook(value, at: path)
                sections.customer = .webhook(url: webhook.url, headers: webhook.headers)
            }
        case .wabaWebhook:
            var overrideAll = false
            let webhook = try webhook(value, at: path, beside: ["override_all"]) { _, value, path throws(Failure) in
                overrideAll = try strict.boolean(value, at: path)
            }
            sections.waba = WABASection(webhook: webhook.webhook, overrideAll: overrideAll)
        default: sections.multi = try multi(value, at: path)
        }
    }

    /// Decodes `{"url", "headers"?}` or `{"use"}`, with other members beside them.
    private func webhook(
        _ json: JSON, at path: String, mayUse: Bool = true, beside others: [String] = [],
        _ other: (String, JSON, String) throws(Failure) -> Void = { _, _, _ in }
    ) throws(Failure) -> GivenWebhook {
        var webhook = GivenWebhook()
        let uses = mayUse && json["use"] != nil
        try strict.members(
            of: json, at: path, required: uses ? ["use"] : ["url"],
            optional: (uses ? ["url", "headers"] : ["headers"]) + others
        ) { name, value, path throws(Failure) in
            switch name {
            case "url", "headers":
                if uses { return try reject("\(name) and use exclude each other", at: path) }
                if name == "url" {
                    webhook.url = try validator.url(value, at: path)
                } else {
                    webhook.headers = try validator.headers(value, at: path)
                }
            case "use":
                let wanted = try strict.string(value, at: path)
                guard let found = webhooks[ExactString(wanted)] else {
                    return try reject("no webhook is named \(quoted(wanted))", at: path)
                }
                webhook = found
            default: try other(name, value, path)
            }
        }
        return webhook
    }

    private func multi(_ json: JSON, at path: String) throws(Failure) -> MultiSection {
        var section = MultiSection()
        try strict.members(
            of: json, at: path, required: [], optional: ["enabled", "prune", "destinations"]
        ) { name, value, path throws(Failure) in
            switch name {
            case "enabled": section.enabled = try strict.boolean(value, at: path)
            case "prune": section.prune = try strict.boolean(value, at: path)
            default: section.destinations = try destinations(value, at: path)
            }
        }
        if !section.enabled {
            for name in ["prune", "destinations"] where json.member(name) != nil {
                try reject("\(name) and \"enabled\": false exclude each other", at: JSONPointer.path(path, name))
            }
        }
        return section
    }

    private func destinations(_ json: JSON, at path: String) throws(Failure) -> [Destination] {
        if json.kind != .array { try reject("destinations must be an array", at: path) }
        var destinations: [Destination] = []
        var names: Set<ExactString> = []
        for (index, value) in json.elements.enumerated() {
            if call?.isCancelled == true { throw .cancelled }
            let path = JSONPointer.path(path, index)
            var name: ExactString?
            let webhook = try webhook(value, at: path, beside: ["name"]) { _, value, path throws(Failure) in
                name = try validator.name(value, at: path)
            }
            guard let name else {
                try reject("name is missing", at: path)
                continue
            }
            if !names.insert(name).inserted {
                try reject("destination name \(quoted(name.string)) appears twice", at: "\(path)/name")
            }
            destinations.append(Destination(name: name, webhook: webhook.webhook))
        }
        return destinations
    }
}
