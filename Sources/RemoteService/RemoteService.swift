import HTTPTransport
import JSON
import Support
import WebhookModel

/// The nine operations on a service over HTTP.
package final class RemoteService: WebhookService {
    package var scope: RequestValidator.Scope { .remote }
    package let remoteOptions: RemoteOptions

    private let endpoint: RemoteEndpoint

    /// `agent` names the library and its version; the option user_agent is put before it.
    package convenience init(_ serviceURL: String, options: RemoteOptions, agent: String) throws(Failure) {
        let base = try BaseURL(serviceURL, allowInsecureHTTP: options.allowInsecureHTTP)
        let agent = options.userAgent.map { "\($0) \(agent)" } ?? agent
        self.init(RemoteEndpoint(base: base, transport: try HTTPTransport(options, agent: agent)), options)
    }

    private init(_ endpoint: RemoteEndpoint, _ options: RemoteOptions) {
        self.endpoint = endpoint
        remoteOptions = options
    }

    package func perform(_ request: Request, key: APIKey, call: Call) throws(Failure) -> String {
        let session = try Session(endpoint, key, call.redacting((request.body?.json.secrets ?? []) + call.secrets))
        if request.operation.kind.isReading { return try session.read(request.operation.kind.setting).text }
        var write = WriteOperation(request, session)
        return try write.perform()
    }

    package func read(_ setting: OperationKind.Setting, key: APIKey, call: Call) throws(Failure) -> SettingReading {
        try Session(endpoint, key, call).read(setting)
    }
}

/// A service and the way to it.
struct RemoteEndpoint: Sendable {
    let base: BaseURL
    let transport: HTTPTransport
}

/// One call of one key: what its exchanges have in common.
struct Session {
    private(set) var call: Call
    private let endpoint: RemoteEndpoint
    private let key: APIKey

    /// No service takes a longer header line, and libcurl sends none beyond 1 MiB.
    private static let maximumKeyBytes = 65_536

    init(_ endpoint: RemoteEndpoint, _ key: APIKey, _ call: Call) throws(Failure) {
        guard key.text.utf8.count <= Self.maximumKeyBytes else { throw .unauthorized }
        self.endpoint = endpoint
        self.key = key
        self.call = call.deadline.remaining > call.settings.timeout ? call.operation() : call
    }

    /// The same call with an earlier end.
    func until(_ deadline: Deadline) -> Session {
        var session = self
        session.call = call.until(deadline)
        return session
    }

    /// One exchange.
    func send(_ request: Request, onNewConnection: Bool = false) throws(Failure) -> HTTPOutcome {
        let operation = request.operation
        let path = endpoint.base.path(operation)
        var headers = ["Accept: application/json", "D360-API-KEY: " + key.text]
        if request.body != nil { headers += ["Content-Type: application/json", "Expect:"] }
        var http = HTTPRequest(
            method: operation.kind.method.rawValue, url: endpoint.base.text + path, headerLines: headers,
            body: request.body?.text, label: path)
        http.isIdempotent = operation.kind.isReading
        http.takesNewConnection = onNewConnection
        http.bypassesProxy = endpoint.base.isLoopback
        return try endpoint.transport.send(http, call: call)
    }

    func meaning(of response: HTTPResponse, to request: Request) throws(Failure) -> ReplyMeaning {
        try ReplyMeaning(response, to: request, secrets: [key.text] + call.secrets, call: call)
    }
}
