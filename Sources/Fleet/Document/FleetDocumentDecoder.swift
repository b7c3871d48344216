import JSON
import Support
import WebhookModel

extension FleetDocument {
    package enum Kind {
        /// `{"webhooks"?, "profiles"?, "accounts"}`
        case fleet
        /// `{"accounts": [{"name", "api_key"}]}`, which an export takes.
        case keys
    }

    /// URLs, headers and names of destinations must pass the rules that the service's own requests must pass.
    package init(
        _ text: consuming String, _ validator: RequestValidator, _ call: Call? = nil, kind: Kind = .fleet
    ) throws(Failure) {
        if let parts = try DocumentText(copy text, call),
            let accounts = try FleetDocumentDecoder(kind, validator, call).accounts(of: parts)
        {
            self.accounts = accounts
            return
        }
        let json = try JSON(request: text, named: "the document", limit: Self.maximumBytes, call: call)
        accounts = try FleetDocumentDecoder(kind, validator, call).accounts(of: json)
    }
}

/// Decodes a fleet document; the first broken rule is thrown with its path.
final class FleetDocumentDecoder {
    /// Checks the document's own shape: no service looks at that later.
    let strict: RequestValidator
    /// Checks what requests will carry.
    let validator: RequestValidator
    let call: Call?
    private let kind: FleetDocument.Kind
    private(set) var webhooks: [ExactString: GivenWebhook] = [:]
    private var profiles: [ExactString: ManagedSections] = [:]
    private var accounts: [FleetAccount] = []
    private var names: Set<ExactString> = []
    private var keys: Set<String> = []

    private static let sections = OperationKind.Setting.allCases.map { $0.rawValue }

    init(_ kind: FleetDocument.Kind, _ validator: RequestValidator, _ call: Call?) {
        self.kind = kind
        self.validator = validator
        self.call = call
        strict = RequestValidator(scope: .embedded, policy: validator.policy)
    }

    func reject(_ message: String, at path: String) throws(Failure) {
        try strict.reject(.documented, message, at: path)
    }

    /// Nil if a part is not JSON.
    func accounts(of parts: DocumentText) throws(Failure) -> [FleetAccount]? {
        guard let rest = try Self.parse(parts.rest, call) else { return nil }
        try decodeShared(rest)
        accounts.reserveCapacity(parts.count)
        names.reserveCapacity(parts.count)
        keys.reserveCapacity(parts.count)
        for index in 0..<parts.count {
            guard let account = try Self.parse(parts.account(index), call) else { return nil }
            try add(account)
        }
        return accounts
    }

    /// Nil if it is not JSON.
    static func parse(_ text: String, _ call: Call?) throws(Failure) -> JSON? {
        do throws(Failure) {
            return try JSON(request: text, named: "", limit: FleetDocument.maximumBytes, call: call)
        } catch {
            guard [.malformedJSON, .invalidRequest].contains(error.status) else { throw error }
            return nil
        }
    }

    func accounts(of document: JSON) throws(Failure) -> [FleetAccount] {
        try decodeShared(document)
        guard let list = document["accounts"], list.kind == .array else {
            try reject("accounts must be an array", at: "/accounts")
            return []
        }
        while let account = list.element(accounts.count) { try add(account) }
        return accounts
    }

    /// Decodes what accounts may refer to.
    private func decodeShared(_ document: JSON) throws(Failure) {
        try strict.members(
            of: document, at: "", required: ["accounts"], optional: kind == .keys ? [] : ["webhooks", "profiles"]
        ) { name, value, path throws(Failure) in
            if name != "accounts" && value.kind != .object { try reject("\(name) must be an object", at: path) }
        }
        for (name, value) in document["webhooks"]?.members ?? [] {
            webhooks[ExactString(name)] = try webhook(value, at: JSONPointer.path("/webhooks", name), mayUse: false)
        }
        for (name, value) in document["profiles"]?.members ?? [] {
            let path = JSONPointer.path("/profiles", name)
            var sections = ManagedSections()
            try strict.members(of: value, at: path, required: [], optional: Self.sections) {
                section, value, path throws(Failure) in
                try decode(section: section, value, at: path, into: &sections)
            }
            profiles[ExactString(name)] = sections
        }
    }

    private func add(_ json: JSON) throws(Failure) {
        if call?.isCancelled == true { throw .cancelled }
        let path = JSONPointer.path("/accounts", accounts.count)
        let account = try account(json, at: path)
        if !names.insert(ExactString(account.name)).inserted {
            try reject("another account has the name \(quoted(account.name))", at: "\(path)/name")
        }
        if !keys.insert(account.key.text).inserted {
            try reject("another account has the same api_key", at: "\(path)/api_key")
        }
        accounts.append(account)
    }

    private func account(_ json: JSON, at path: String) throws(Failure) -> FleetAccount {
        var given: String?
        var key: APIKey?
        var expectation = Expectation()
        var own: [(name: String, value: JSON, path: String)] = []
        var sections = ManagedSections()
        try strict.members(
            of: json, at: path, required: ["name", "api_key"],
            optional: kind == .keys ? [] : ["profile", "expect"] + Self.sections
        ) { name, value, path throws(Failure) in
            switch name {
            case "name": given = try self.name(value, at: path)
            case "api_key": key = try self.key(value, at: path)
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
        guard let given, let key else { throw .fault("an account without a name or a key") }
        var account = FleetAccount(name: given, key: key)
        account.expectation = expectation
        account.sections = sections
        return account
    }

    private func name(_ json: JSON, at path: String) throws(Failure) -> String {
        let name = try strict.string(json, at: path)
        if name.isEmpty || name.sanitized != name {
            try reject("the name of an account must not be empty and must not contain a control character", at: path)
        }
        return name
    }

    private func key(_ json: JSON, at path: String) throws(Failure) -> APIKey? {
        let text = try strict.string(json, at: path)
        do throws(Failure) { return try APIKey(text) } catch {
            try reject(text.isEmpty ? "api_key is empty" : error.message, at: path)
            return nil
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
}
