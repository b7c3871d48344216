import EmbeddedService
import JSON
import Support
import WebhookModel

/// A method on a path, and what answers it.
struct Endpoint: Sendable {
    enum Work: Sendable {
        /// One of the nine operations, for whoever has the channel's key.
        case operation(@Sendable (RequestValidator, Question) throws(Failure) -> Request)
        /// For whoever has the admin token.
        case admin(@Sendable (EmbeddedService, Question, Call) throws(Failure) -> String)
        /// For everybody.
        case open(@Sendable (Application) -> Response)
        /// Whether the storage answers.
        case readiness
    }

    let method: OperationKind.Method
    /// As metrics call it; for an operation its name in C without `d360_`.
    let name: String
    /// Whether it asks the storage, and changes what is there.
    let storage: Use
    let work: Work

    enum Use { case none, reads, writes }

    var takesBody: Bool { method != .get && method != .delete }
}

/// What is served at one path.
struct Resource: Sendable {
    /// A trailing slash: one more segment follows, which is the endpoints' parameter.
    let path: String
    let endpoints: [Endpoint]

    var takesParameter: Bool { path.utf8.last == UInt8(ascii: "/") }

    /// Header Allow: HEAD is there with GET.
    var allow: String { endpoints.map { $0.method == .get ? "GET, HEAD" : $0.method.rawValue }.joined(separator: ", ") }

    /// HEAD is GET whose body is not sent.
    func endpoint(for method: String) -> Endpoint? {
        let method = method == "HEAD" ? OperationKind.Method.get.rawValue : method
        return endpoints.first { $0.method.rawValue == method }
    }
}

extension Resource {
    static let multiWebhook = Resource(
        path: "/multi_webhook",
        endpoints: [
            .reading(.multiWebhook),
            .writing(.multiWebhookSet),
            .writing(.multiWebhookAppend),
            .writing(.multiWebhookUpdate),
        ])

    static let destination = Resource(
        path: "/multi_webhook/",
        endpoints: [
            Endpoint(
                method: .delete, name: "multi_webhook_delete", storage: .writes,
                work: .operation { _, question throws(Failure) in try Request(deleting: question.parameter) })
        ])

    static let customerWebhook = Resource(
        path: "/v1/configs/webhook",
        endpoints: [
            .reading(.customerWebhook),
            .writing(.customerWebhookSet),
        ])

    static let wabaWebhook = Resource(
        path: "/waba_webhook",
        endpoints: [
            .reading(.wabaWebhook),
            .writing(.wabaWebhookSet),
        ])

    static let channels = Resource(
        path: "/admin/channels",
        endpoints: [
            Endpoint(
                method: .get, name: "channel_list", storage: .reads,
                work: .admin { service, _, call throws(Failure) in try service.listChannels(call: call) }),
            Endpoint(
                method: .post, name: "channel_register", storage: .writes,
                work: .admin { service, question, call throws(Failure) in
                    try service.register(ChannelRegistration(question.text()), call: call)
                }),
        ])

    static let channel = Resource(
        path: "/admin/channels/",
        endpoints: [
            Endpoint(
                method: .delete, name: "channel_remove", storage: .writes,
                work: .admin { service, question, call throws(Failure) in
                    try service.removeChannel(question.parameter, call: call)
                })
        ])

    static let health = Resource(
        path: "/healthz",
        endpoints: [
            Endpoint(method: .get, name: "healthz", storage: .none, work: .open { _ in .ok(#"{"status":"ok"}"#) })
        ])

    static let readiness = Resource(
        path: "/readyz",
        endpoints: [Endpoint(method: .get, name: "readyz", storage: .reads, work: .readiness)])

    static let metrics = Resource(
        path: "/metrics",
        endpoints: [
            Endpoint(
                method: .get, name: "metrics", storage: .none,
                work: .open { Response(200, $0.metrics.text(), type: "text/plain; version=0.0.4; charset=utf-8") })
        ])

    static let description = Resource(
        path: "/openapi.json",
        endpoints: [
            Endpoint(method: .get, name: "openapi", storage: .none, work: .open { _ in .ok(openAPI) })
        ])

    /// All that is served; without an admin token nothing is at `/admin`.
    static func all(withAdmin: Bool) -> [Resource] {
        [multiWebhook, destination, customerWebhook, wabaWebhook, health, readiness, metrics, description]
            + (withAdmin ? [channels, channel] : [])
    }

    private static let openAPI = String(decoding: PackageResources.openapi_json, as: UTF8.self)
}

extension Endpoint {
    fileprivate static func reading(_ setting: OperationKind.Setting) -> Endpoint {
        Endpoint(method: .get, name: setting.reading.name, storage: .reads, work: .operation { _, _ in Request(setting) })
    }

    fileprivate static func writing(_ kind: OperationKind) -> Endpoint {
        Endpoint(
            method: kind.method, name: kind.name, storage: .writes,
            work: .operation { validator, question throws(Failure) in try Request(kind, question.text(), validator, nil) })
    }
}
