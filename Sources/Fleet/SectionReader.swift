import JSON
import Support
import WebhookModel

/// Decodes the parts of a fleet document; the first rule that is broken is thrown with its path.
final class SectionReader {
    /// For the document's own shape: no service judges that later.
    let strict: RequestValidator
    /// For what requests will carry.
    private let validator: RequestValidator
    var webhooks: [ExactString: Webhook] = [:]
    private(set) var taken: [FleetAccount] = []
    private var names: Set<ExactString> = []
    private var keys: Set<String> = []

    init(_ validator: RequestValidator) {
        self.validator = validator
        strict = RequestValidator(scope: .embedded, policy: validator.policy)
    }

    func refuse(_ message: String, at path: String) throws(Failure) { try strict.reject(.documented, message, at: path) }

    func mustBeObject(_ json: JSON, at path: String) throws(Failure) {
        if json.kind != .object { try refuse("\(RequestValidator.subject(path)) must be an object", at: path) }
    }

    func accounts(of document: JSON, _ decode: (JSON, String) throws(Failure) -> FleetAccount) throws(Failure) {
        guard let list = document["accounts"], list.kind == .array else {
            return try refuse("accounts must be an array", at: "/accounts")
        }
        let elements = list.elements
        taken.reserveCapacity(elements.count)
        for (index, value) in elements.enumerated() {
            let place = JSONPointer.path("/accounts", index)
            let account = try decode(value, place)
            if !names.insert(ExactString(account.name)).inserted {
                try refuse("another account has the name \(quoted(account.name))", at: "\(place)/name")
            }
            if !keys.insert(account.key.text).inserted {
                try refuse("another account has the same api_key", at: "\(place)/api_key")
            }
            taken.append(account)
        }
    }

    func account(_ json: JSON, at path: String, _ profiles: [ExactString: Sections]) throws(Failure) -> FleetAccount {
        var identity = Identity()
        var expectation = Expectation()
        var own = Sections()
        var given: Set<String> = []
        var sections = Sections()
        try strict.members(
            of: json, at: path, required: ["name", "api_key"],
            optional: ["profile", "expect"] + Section.allCases.map { $0.rawValue }
        ) { name, value, path throws(Failure) in
            switch name {
            case "name", "api_key": try take(name, value, at: path, into: &identity)
            case "profile":
                let profile = try strict.string(value, at: path)
                guard let found = profiles[ExactString(profile)] else {
                    return try refuse("no profile is named \(quoted(profile))", at: path)
                }
                sections = found
            case "expect": expectation = try expect(value, at: path)
            default:
                given.insert(name)
                try take(name, value, at: path, into: &own)
            }
        }
        if given.contains(Section.customer.rawValue) { sections.customer = own.customer }
        if given.contains(Section.waba.rawValue) { sections.waba = own.waba }
        if given.contains(Section.multi.rawValue) { sections.multi = own.multi }
        var account = try identity.account
        account.expectation = expectation
        account.customer = sections.customer
        account.waba = sections.waba
        account.multi = sections.multi
        return account
    }

    func take(_ name: String, _ value: JSON, at path: String, into identity: inout Identity) throws(Failure) {
        let text = try strict.string(value, at: path)
        if name == "name" {
            if text.isEmpty || text.sanitized != text {
                try refuse("an account's name is not empty and holds no control character", at: path)
            }
            identity.name = text
            return
        }
        do throws(Failure) { identity.key = try APIKey(text) } catch {
            try refuse(text.isEmpty ? "api_key is empty" : error.message, at: path)
        }
    }

    private func expect(_ json: JSON, at path: String) throws(Failure) -> Expectation {
        var expectation = Expectation()
        try strict.members(of: json, at: path, required: [], optional: ["waba_id", "number"]) {
            name, value, path throws(Failure) in
            if name == "waba_id" {
                guard let id = value.integer, id > 0 else {
                    return try refuse("waba_id must be an integer from 1 to 2^63 - 1", at: path)
                }
                expectation.wabaID = id
            } else {
                let number = try strict.string(value, at: path)
                if digits(number).isEmpty || number.sanitized != number {
                    try refuse("number must hold the digits of a phone number", at: path)
                }
                expectation.number = number
            }
        }
        return expectation
    }

    func take(_ section: String, _ value: JSON, at path: String, into sections: inout Sections) throws(Failure) {
        switch section {
        case Section.customer.rawValue:
            sections.customer = value.kind == .null ? .follows : .webhook(try webhook(value, at: path))
        case Section.waba.rawValue:
            var overrideAll = false
            let webhook = try webhook(value, at: path, beside: ["override_all"]) { _, value, path throws(Failure) in
                overrideAll = try strict.boolean(value, at: path)
            }
            sections.waba = WABASection(webhook, overrideAll: overrideAll)
        default: sections.multi = try multi(value, at: path)
        }
    }

    /// `{"url", "headers"?}` or `{"use"}`, with other members beside.
    func webhook(
        _ json: JSON, at path: String, mayUse: Bool = true, beside others: [String] = [],
        _ other: (String, JSON, String) throws(Failure) -> Void = { _, _, _ in }
    ) throws(Failure) -> Webhook {
        var webhook = Webhook(url: "")
        let uses = mayUse && json["use"] != nil
        try strict.members(
            of: json, at: path, required: uses ? ["use"] : ["url"],
            optional: (uses ? ["url", "headers"] : ["headers"]) + others
        ) { name, value, path throws(Failure) in
            switch name {
            case "url", "headers":
                if uses { return try refuse("\(name) and use exclude each other", at: path) }
                if name == "url" {
                    webhook.url = try validator.url(value, at: path)
                } else {
                    webhook.headers = try validator.headers(value, at: path)
                }
            case "use":
                let wanted = try strict.string(value, at: path)
                guard let found = webhooks[ExactString(wanted)] else {
                    return try refuse("no webhook is named \(quoted(wanted))", at: path)
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
                try refuse("\(name) and \"enabled\": false exclude each other", at: JSONPointer.path(path, name))
            }
        }
        return section
    }

    private func destinations(_ json: JSON, at path: String) throws(Failure) -> [Destination] {
        if json.kind != .array { try refuse("destinations must be an array", at: path) }
        var destinations: [Destination] = []
        var names: Set<ExactString> = []
        for (index, value) in json.elements.enumerated() {
            let place = JSONPointer.path(path, index)
            var name: ExactString?
            let webhook = try webhook(value, at: place, beside: ["name"]) { _, value, path throws(Failure) in
                name = try validator.name(value, at: path)
            }
            guard let name else {
                try refuse("name is missing", at: place)
                continue
            }
            if !names.insert(name).inserted {
                try refuse("destination name \(quoted(name.string)) is here twice", at: "\(place)/name")
            }
            destinations.append(Destination(name: name, webhook: webhook))
        }
        return destinations
    }
}
