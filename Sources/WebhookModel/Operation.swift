import JSON
import Support

/// The nine operations, with what they ask for.
package enum Operation: Sendable {
    case multiWebhookGet
    case multiWebhookSet(enabled: Bool, destinations: [Destination])
    case multiWebhookAppend([Destination])
    case multiWebhookUpdate(DestinationChange)
    case multiWebhookDelete(ExactString)
    case customerWebhookGet
    case customerWebhookSet(Webhook)
    case wabaWebhookGet
    case wabaWebhookSet(Webhook, overrideAll: Bool)

    package var kind: OperationKind {
        switch self {
        case .multiWebhookGet: .multiWebhookGet
        case .multiWebhookSet: .multiWebhookSet
        case .multiWebhookAppend: .multiWebhookAppend
        case .multiWebhookUpdate: .multiWebhookUpdate
        case .multiWebhookDelete: .multiWebhookDelete
        case .customerWebhookGet: .customerWebhookGet
        case .customerWebhookSet: .customerWebhookSet
        case .wabaWebhookGet: .wabaWebhookGet
        case .wabaWebhookSet: .wabaWebhookSet
        }
    }

    /// The body that a service gets; nil for readings and deletes.
    package func body() throws(Failure) -> JSON? {
        switch self {
        case .multiWebhookGet, .multiWebhookDelete, .customerWebhookGet, .wabaWebhookGet: return nil
        case .multiWebhookSet(let enabled, let destinations):
            var members: [(String, JSON)] = [("enabled", try .boolean(enabled))]
            if !destinations.isEmpty { members.append(("destinations", try Destination.json(destinations))) }
            return try .object(members)
        case .multiWebhookAppend(let destinations): return try .object([("destinations", Destination.json(destinations))])
        case .multiWebhookUpdate(let change):
            var members: [(String, JSON)] = [("name", try .string(change.name.string))]
            if let url = change.url { members.append(("url", try .string(url.string))) }
            if let headers = change.headers { members.append(("headers", try headers.json())) }
            return try .object(members)
        case .customerWebhookSet(let webhook): return try .object(webhook.members())
        case .wabaWebhookSet(let webhook, let overrideAll):
            return try .object(webhook.members() + (overrideAll ? [("override_all", JSON.boolean(true))] : []))
        }
    }
}

/// An operation as a service gets it: decoded and validated, and as the caller wrote it. The specification is incomplete, so
/// members that this library does not know must reach a remote service unchanged.
package struct Request {
    package struct Body {
        package let text: String
        package let json: JSON
    }

    package let operation: Operation
    /// Nil for readings and deletes.
    package let body: Body?

    /// A body has members that this library does not know, so no reading can show all that it asks for.
    package let hasUnknownMembers: Bool

    private init(_ operation: Operation, _ body: Body?, hasUnknownMembers: Bool) {
        self.operation = operation
        self.body = body
        self.hasUnknownMembers = hasUnknownMembers
    }

    /// A request of the library's own.
    package init(_ operation: Operation) throws(Failure) {
        var body: Body?
        if let json = try operation.body() { body = Body(text: try json.text(), json: json) }
        self.init(operation, body, hasUnknownMembers: false)
    }

    /// A reading.
    package init(_ setting: OperationKind.Setting) {
        let operation: Operation =
            switch setting {
            case .multiWebhook: .multiWebhookGet
            case .customerWebhook: .customerWebhookGet
            case .wabaWebhook: .wabaWebhookGet
            }
        self.init(operation, nil, hasUnknownMembers: false)
    }

    /// No destination has an empty name, so no service is asked. (The path would be that of all destinations.)
    package init(deleting name: String) throws(Failure) {
        guard !name.isEmpty else { throw .noDestination(named: name) }
        self.init(.multiWebhookDelete(ExactString(name)), nil, hasUnknownMembers: false)
    }

    /// Decodes a caller's text and validates it.
    package init(_ kind: OperationKind, _ text: String, _ validator: RequestValidator, _ call: Call?) throws(Failure) {
        let json = try JSON(request: text, named: "the request", call: call)
        let operation = try kind.decode(json, validator)
        self.init(operation, Body(text: text, json: json), hasUnknownMembers: validator.hasSeenUnknownMembers)
    }
}

extension Failure {
    package static let notEnabled = Failure(.notEnabled, "multi-webhook is not enabled")

    /// `path` is where a request names it; a delete has no request.
    package static func noDestination(named name: String, path: String? = nil) -> Failure {
        Failure(.notFound, "no destination is named \(quoted(name))", path: path)
    }
}
