import EmbeddedService
import Support
import WebhookModel

/// A method on a path, and what answers it.
struct Endpoint: Sendable {
    /// Who may use it.
    enum Access: Sendable {
        case anyone
        /// A channel's key in D360-API-KEY.
        case apiKey
        /// The admin token in Authorization.
        case adminToken

        var header: String? {
            switch self {
            case .anyone: nil
            case .apiKey: "D360-API-KEY"
            case .adminToken: "Authorization"
            }
        }
    }

    enum StorageAccess: Sendable { case none, reads, writes }

    typealias Handler = @Sendable (HTTPRequest, Call) throws(Failure) -> HTTPResponse

    let method: OperationKind.Method
    /// The name in metrics; an operation's name in C without `d360_`.
    let name: String
    let access: Access
    let storage: StorageAccess
    let handler: Handler

    var takesBody: Bool { method != .get && method != .delete }
}

/// The endpoints of one path.
struct Resource: Sendable {
    /// If it ends in a slash, one more segment follows, which is the endpoints' parameter.
    let path: String
    let endpoints: [Endpoint]

    var takesParameter: Bool { path.utf8.last == UInt8(ascii: "/") }

    /// The header Allow: HEAD comes with GET.
    var allow: String { endpoints.map { $0.method == .get ? "GET, HEAD" : $0.method.rawValue }.joined(separator: ", ") }

    /// HEAD is GET without the answer's body.
    func endpoint(for method: String) -> Endpoint? {
        let method = method == "HEAD" ? OperationKind.Method.get.rawValue : method
        return endpoints.first { $0.method.rawValue == method }
    }
}

/// Makes the endpoints that a daemon serves.
struct Routes {
    let service: EmbeddedService
    let policy: URLPolicy
    let metrics: Metrics
    /// Puts the service back to its initial state.
    let reset: @Sendable (Call) throws(Failure) -> Void

    /// The nine operations by path, and the daemon's own; those of /admin only `withAdmin`.
    func resources(withAdmin: Bool) -> [Resource] {
        let kinds = OperationKind.allCases
        var paths: [String] = []
        for path in kinds.map(path) where !paths.contains(path) { paths.append(path) }
        return paths.map { path in Resource(path: path, endpoints: kinds.filter { self.path($0) == path }.map(operation)) }
            + daemon + (withAdmin ? admin : [])
    }

    /// The names of all endpoints, as metrics show them.
    static let names =
        OperationKind.allCases.map(\.name)
        + ["healthz", "readyz", "metrics", "openapi", "channel_list", "channel_register", "channel_remove", "reset"]

    private func path(_ kind: OperationKind) -> String { kind.setting.path + (kind.takesDestinationName ? "/" : "") }

    private func operation(_ kind: OperationKind) -> Endpoint {
        Endpoint(
            method: kind.method, name: kind.name, access: .apiKey, storage: kind.isReading ? .reads : .writes
        ) { [service, policy] request, call throws(Failure) in
            let key = try request.apiKey()
            let operation: Request
            do throws(Failure) { operation = try request.operation(kind, policy, call) } catch {
                // An unknown key takes precedence over errors in the request.
                try service.authorize(key, call: call)
                throw error
            }
            let answer = try service.perform(operation, key: key, call: call)
            if service.isNotFound(answer, to: operation) { throw Failure(.notFound, "Webhook not found") }
            return .ok(answer)
        }
    }

    private var daemon: [Resource] {
        [
            .single("/healthz", "healthz", .none) { _, _ in .ok(#"{"status":"ok"}"#) },
            .single("/readyz", "readyz", .reads) { [service] _, call throws(Failure) in
                try service.ping(call: call)
                return .ok(#"{"status":"ready"}"#)
            },
            .single("/metrics", "metrics", .none) { [metrics] _, _ in
                HTTPResponse(200, metrics.text(), type: "text/plain; version=0.0.4; charset=utf-8")
            },
            .single("/openapi.json", "openapi", .none) { _, _ in .ok(Self.openAPI) },
        ]
    }

    private var admin: [Resource] {
        func endpoint(
            _ method: OperationKind.Method, _ name: String,
            _ answer: @escaping @Sendable (HTTPRequest, Call) throws(Failure) -> String
        ) -> Endpoint {
            Endpoint(method: method, name: name, access: .adminToken, storage: method == .get ? .reads : .writes) {
                request, call throws(Failure) in .ok(try answer(request, call))
            }
        }
        return [
            Resource(
                path: "/admin/channels",
                endpoints: [
                    endpoint(.get, "channel_list") { [service] _, call throws(Failure) in try service.listChannels(call: call) },
                    endpoint(.post, "channel_register") { [service] request, call throws(Failure) in
                        try service.register(ChannelRegistration(request.text()), call: call)
                    },
                ]),
            Resource(
                path: "/admin/channels/",
                endpoints: [
                    endpoint(.delete, "channel_remove") { [service] request, call throws(Failure) in
                        try service.removeChannel(request.parameter, call: call)
                    }
                ]),
            Resource(
                path: "/admin/reset",
                endpoints: [
                    endpoint(.post, "reset") { [reset] _, call throws(Failure) in
                        try reset(call)
                        return #"{"message":"Service reset"}"#
                    }
                ]),
        ]
    }

    private static let openAPI = String(decoding: PackageResources.openapi_json, as: UTF8.self)
}

extension Resource {
    fileprivate static func single(
        _ path: String, _ name: String, _ storage: Endpoint.StorageAccess, _ handler: @escaping Endpoint.Handler
    ) -> Resource {
        Resource(
            path: path, endpoints: [Endpoint(method: .get, name: name, access: .anyone, storage: storage, handler: handler)])
    }
}

extension HTTPRequest {
    fileprivate func operation(_ kind: OperationKind, _ policy: URLPolicy, _ call: Call) throws(Failure) -> Request {
        if kind.takesDestinationName { return try Request(deleting: parameter) }
        if kind.isReading { return Request(kind.setting) }
        return try Request(kind, text(), RequestValidator(scope: .embedded, policy: policy), call)
    }
}
