import JSON
import Support
import WebhookModel

/// A webhook of the document. If a customer webhook's headers are left out, it keeps those that it has.
struct GivenWebhook {
    var url: ExactString = ""
    var headers: Headers?

    var webhook: Webhook { Webhook(url: url, headers: headers ?? Headers()) }
}

extension FleetDocumentDecoder {
    func decode(
        section: String, _ value: JSON, at path: String, into sections: inout ManagedSections
    ) throws(Failure) {
        switch OperationKind.Setting(rawValue: section) {
        case .customerWebhook:
            if value.kind == .null {
                sections.customer = .follows
            } else {
                let webhook = try webhook(value, at: path)
                sections.customer = .webhook(url: webhook.url, headers: webhook.headers)
            }
        case .wabaWebhook:
            var overrideAll = false
            let webhook = try webhook(value, at: path, with: ["override_all"]) { _, value, path throws(Failure) in
                overrideAll = try strict.boolean(value, at: path)
            }
            sections.waba = WABASection(webhook: webhook.webhook, overrideAll: overrideAll)
        default: sections.multi = try multi(value, at: path)
        }
    }

    /// Decodes `{"url", "headers"?}` or `{"use"}`, and `others`.
    func webhook(
        _ json: JSON, at path: String, mayUse: Bool = true, with others: [String] = [],
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
            let webhook = try webhook(value, at: path, with: ["name"]) { _, value, path throws(Failure) in
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
