/// A named webhook beside the number's own; gets a copy of each event that the main webhook took.
public struct Destination: Sendable {
    public var name: ExactText
    public var webhook: Webhook

    public init(name: ExactText, webhook: Webhook) {
        self.name = name
        self.webhook = webhook
    }

    public func json() throws(Failure) -> JSON {
        try .object([
            ("name", .string(name.string)), ("url", .string(webhook.url.string)), ("headers", webhook.headers.json()),
        ])
    }
}

/// What an update changes of the destination it names.
public struct DestinationChange: Sendable {
    public var name: ExactText = ""
    public var url: ExactText?
    public var headers: Headers?
}

extension Judge {
    /// Unicode scalars that a name may have. *Ours.*
    static let maximumNameScalars = 128

    /// `[{"name", "url", "headers"?}]`, no name twice.
    func destinations(_ json: JSON, at path: String) throws(Failure) -> [Destination] {
        guard json.kind == .array else {
            try refuse(.documented, "destinations must be an array", at: path)
            return []
        }
        var destinations: [Destination] = []
        var names: Set<ExactText> = []
        for (index, element) in json.elements.enumerated() {
            let place = JSONPointer.path(path, index)
            let destination = try destination(element, at: place)
            if !names.insert(destination.name).inserted {
                try refuse(
                    .documented, "destination name \(quoted(destination.name.string)) is in this request twice",
                    at: "\(place)/name", as: .conflict)
            }
            destinations.append(destination)
        }
        return destinations
    }

    private func destination(_ json: JSON, at path: String) throws(Failure) -> Destination {
        var destination = Destination(name: "", webhook: Webhook(url: ""))
        try members(of: json, at: path, required: ["name", "url"], optional: ["headers"]) { name, value, path throws(Failure) in
            switch name {
            case "name": destination.name = try self.name(value, at: path)
            case "url": destination.webhook.url = try url(value, at: path)
            default: destination.webhook.headers = try headers(value, at: path)
            }
        }
        return destination
    }

    public func name(_ json: JSON, at path: String) throws(Failure) -> ExactText {
        let text = try string(json, at: path)
        let count = text.unicodeScalars.count
        if count < 1 || count > Self.maximumNameScalars {
            try refuse(.ours, "a destination's name has 1 to \(Self.maximumNameScalars) characters", at: path)
        }
        if text.unicodeScalars.contains(where: { $0.isControl }) {
            try refuse(.ours, "a destination's name holds no control character", at: path)
        }
        return ExactText(text)
    }

    /// `{"name", "url"?, "headers"?}`. A name that no destination can have is an unknown name, not a bad one.
    func destinationChange(_ json: JSON) throws(Failure) -> DestinationChange {
        var change = DestinationChange()
        try members(of: json, at: "", required: ["name"], optional: ["url", "headers"]) { name, value, path throws(Failure) in
            switch name {
            case "name": change.name = ExactText(try string(value, at: path))
            case "url": change.url = try url(value, at: path)
            default: change.headers = try headers(value, at: path)
            }
        }
        if change.url == nil && change.headers == nil { try refuse(.ours, "give url, headers, or both", at: "") }
        return change
    }
}
