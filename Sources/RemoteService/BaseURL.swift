import Support
import WebhookModel

/// Where a remote service is, and where its operations are below it.
struct BaseURL: Sendable {
    /// Without a slash at its end.
    let text: String
    /// The service is on this machine: it is never reached through a proxy, and plain HTTP is fine.
    let isLoopback: Bool
    /// The service's paths begin with /v1 already.
    private let endsInVersion: Bool

    init(_ serviceURL: String, allowInsecureHTTP: Bool) throws(Failure) {
        guard URLText.begins(serviceURL, with: "https://") || URLText.begins(serviceURL, with: "http://"),
            let parts = try URLParts(serviceURL)
        else {
            throw Failure(.invalidArgument, "service_url must be https://…, http://…, sqlite:FILE or sqlite::memory:")
        }
        if parts.hasUserinfo { throw Failure(.invalidArgument, "service_url must not contain a user name or password") }
        if parts.hasQuery { throw Failure(.invalidArgument, "service_url must not contain a query") }
        if parts.hasFragment { throw Failure(.invalidArgument, "service_url must not contain a fragment") }
        isLoopback = parts.isLoopback
        if parts.scheme == "http" && !isLoopback && !allowInsecureHTTP {
            throw Failure(.invalidArgument, "plain HTTP to a non-loopback host: use https, or the option allow_insecure_http")
        }
        let slashes = serviceURL.utf8.reversed().prefix { $0 == UInt8(ascii: "/") }.count
        text = String(decoding: serviceURL.utf8.dropLast(slashes), as: UTF8.self)
        let path = parts.path.utf8.reversed().drop { $0 == UInt8(ascii: "/") }
        endsInVersion = path.starts(with: "1v/".utf8)
    }

    /// Below the base URL.
    func path(_ operation: Operation) -> String {
        switch operation {
        case .multiWebhookDelete(let name): return "/multi_webhook/" + PercentEncoding.segment(name.string)
        case .customerWebhookGet, .customerWebhookSet: return endsInVersion ? "/configs/webhook" : operation.kind.setting.path
        default: return operation.kind.setting.path
        }
    }
}
