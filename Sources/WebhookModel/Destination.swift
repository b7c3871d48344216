import JSON
import Support

/// A named additional webhook. It gets a copy of each event that the number's main webhook took.
package struct Destination: Sendable, Hashable {
    package var name: ExactString
    package var webhook: Webhook

    package init(name: ExactString, webhook: Webhook) {
        self.name = name
        self.webhook = webhook
    }

    package func json() throws(Failure) -> JSON {
        try .object([
            ("name", .string(name.string)), ("url", .string(webhook.url.string)), ("headers", webhook.headers.json()),
        ])
    }

    package static func json(_ destinations: [Destination]) throws(Failure) -> JSON {
        var elements: [JSON] = []
        for destination in destinations { elements.append(try destination.json()) }
        return try .array(elements)
    }
}

/// An update changes these members of the destination that it names; those that are nil stay as they are.
package struct DestinationChange: Sendable {
    package var name: ExactString
    package var url: ExactString?
    package var headers: Headers?

    package init(name: ExactString = "", url: ExactString? = nil, headers: Headers? = nil) {
        self.name = name
        self.url = url
        self.headers = headers
    }
}

extension RequestValidator {
    /// Unicode scalars that a name may have: a decision of this library.
    static let maximumNameScalars = 128

    /// `[{"name", "url", "headers"?}]`, no name twice.
    func destinations(_ json: JSON, at path: String) throws(Failure) -> [Destination] {
        guard json.kind == .array else {
            try reject(.documented, "destinations must be an array", at: path)
            return []
        }
        var destinations: [Destination] = []
        var names: Set<ExactString> = []
        for (index, element) in json.elements.enumerated() {
            let place = JSONPointer.path(path, index)
            let destination = try destination(element, at: place)
            if !names.insert(destination.name).inserted {
                try reject(
                    .documented, "destination name \(quoted(destination.name.string)) appears twice in this request",
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

    package func name(_ json: JSON, at path: String) throws(Failure) -> ExactString {
        let text = try string(json, at: path)
        let count = text.unicodeScalars.count
        if count < 1 || count > Self.maximumNameScalars {
            try reject(.ours, "the name of a destination must have 1 to \(Self.maximumNameScalars) characters", at: path)
        }
        if text.unicodeScalars.contains(where: { $0.isControl }) {
            try reject(.ours, "the name of a destination must not contain a control character", at: path)
        }
        return ExactString(text)
    }

    /// `{"name", "url"?, "headers"?}`. A name that no destination can have is an unknown name, not a bad one.
    func destinationChange(_ json: JSON) throws(Failure) -> DestinationChange {
        var change = DestinationChange()
        try members(of: json, at: "", required: ["name"], optional: ["url", "headers"]) { name, value, path throws(Failure) in
            switch name {
            case "name": change.name = ExactString(try string(value, at: path))
            case "url": change.url = try url(value, at: path)
            default: change.headers = try headers(value, at: path)
            }
        }
        if change.url == nil && change.headers == nil { try reject(.ours, "url or headers is required", at: "") }
        return change
    }
}
