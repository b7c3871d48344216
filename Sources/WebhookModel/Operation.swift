/// The nine operations, with what they ask for.
public enum Operation: Sendable {
    case multiWebhookGet
    case multiWebhookSet(enabled: Bool, destinations: [Destination])
    case multiWebhookAppend([Destination])
    case multiWebhookUpdate(DestinationChange)
    case multiWebhookDelete(ExactText)
    case customerWebhookGet
    case customerWebhookSet(Webhook)
    case wabaWebhookGet
    case wabaWebhookSet(Webhook, overrideAll: Bool)

    public enum Method: String, Sendable { case get = "GET", post = "POST", put = "PUT", patch = "PATCH", delete = "DELETE" }

    /// As the C interface calls it, without `d360_`.
    public var name: StaticString {
        switch self {
        case .multiWebhookGet: "multi_webhook_get"
        case .multiWebhookSet: "multi_webhook_set"
        case .multiWebhookAppend: "multi_webhook_append"
        case .multiWebhookUpdate: "multi_webhook_update"
        case .multiWebhookDelete: "multi_webhook_delete"
        case .customerWebhookGet: "customer_webhook_get"
        case .customerWebhookSet: "customer_webhook_set"
        case .wabaWebhookGet: "waba_webhook_get"
        case .wabaWebhookSet: "waba_webhook_set"
        }
    }

    public var method: Method {
        switch self {
        case .multiWebhookGet, .customerWebhookGet, .wabaWebhookGet: .get
        case .multiWebhookSet, .customerWebhookSet, .wabaWebhookSet: .post
        case .multiWebhookAppend: .put
        case .multiWebhookUpdate: .patch
        case .multiWebhookDelete: .delete
        }
    }
}

/// An operation as a service gets it: decoded and held to the rules, and as the caller wrote it. The specification is
/// incomplete; what we do not know must reach a remote service as it is.
public struct Request {
    public struct Body {
        public let text: String
        public let json: JSON
    }

    public let operation: Operation
    /// Nil for deletes and for most readings; a reading does not send it.
    public let body: Body?

    public init(_ operation: Operation) { self.init(operation, nil) }

    /// A reading for the sake of a request: a service's words about it may not repeat the request's secrets either.
    public init(_ operation: Operation, for request: Request) { self.init(operation, request.body) }

    /// No destination has an empty name: nobody is asked. (Its path would be that of all destinations.)
    public init(deleting name: String) throws(Failure) {
        guard !name.isEmpty else { throw .noDestination(named: name) }
        self.init(.multiWebhookDelete(ExactText(name)))
    }

    private init(_ operation: Operation, _ body: Body?) {
        self.operation = operation
        self.body = body
    }

    /// Decodes `text` and holds it to the rules.
    public init(
        _ text: String, _ judge: Judge, _ decode: (Judge, JSON) throws(Failure) -> Operation
    ) throws(Failure) {
        let json: JSON
        do throws(JSON.Flaw) { json = try JSON(parsing: text) } catch { throw error.failure("the request") }
        self.init(try decode(judge, json), Body(text: text, json: json))
    }
}

extension Judge {
    /// `{"enabled", "destinations"?}`
    public func multiWebhookSet(_ json: JSON) throws(Failure) -> Operation {
        var enabled = false
        var destinations: [Destination]?
        try members(of: json, at: "", required: ["enabled"], optional: ["destinations"]) { name, value, path throws(Failure) in
            if name == "enabled" {
                enabled = try boolean(value, at: path)
            } else {
                destinations = try self.destinations(value, at: path)
            }
        }
        if !enabled && destinations != nil {
            try refuse(
                .ours, "disabling takes no destinations: they are kept, and come back when it is enabled", at: "/destinations")
        }
        return .multiWebhookSet(enabled: enabled, destinations: destinations ?? [])
    }

    /// `{"destinations"}`
    public func multiWebhookAppend(_ json: JSON) throws(Failure) -> Operation {
        var destinations: [Destination] = []
        try members(of: json, at: "", required: ["destinations"]) { _, value, path throws(Failure) in
            destinations = try self.destinations(value, at: path)
            if value.elements.isEmpty { try refuse(.ours, "there is no destination to append", at: path) }
        }
        return .multiWebhookAppend(destinations)
    }

    /// `{"name", "url"?, "headers"?}`
    public func multiWebhookUpdate(_ json: JSON) throws(Failure) -> Operation {
        .multiWebhookUpdate(try destinationChange(json))
    }

    /// `{"url", "headers"?}`
    public func customerWebhookSet(_ json: JSON) throws(Failure) -> Operation { .customerWebhookSet(try webhook(json)) }

    /// `{"url", "headers"?, "override_all"?}`
    public func wabaWebhookSet(_ json: JSON) throws(Failure) -> Operation {
        var webhook = Webhook(url: "")
        var overrideAll = false
        try members(of: json, at: "", required: ["url"], optional: ["headers", "override_all"]) {
            name, value, path throws(Failure) in
            switch name {
            case "url": webhook.url = try url(value, at: path)
            case "headers": webhook.headers = try headers(value, at: path)
            default: overrideAll = try boolean(value, at: path)
            }
        }
        return .wabaWebhookSet(webhook, overrideAll: overrideAll)
    }
}
