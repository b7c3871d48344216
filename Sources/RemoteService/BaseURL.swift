import CCurl
import Support
import WebhookModel

/// Where a remote service is, and where its operations are below it.
struct BaseURL: Sendable {
    /// Without a slash at its end.
    private let text: String
    /// On this machine: never reached through a proxy, and plain HTTP is fine.
    let isLoopback: Bool

    init(_ serviceURL: String, allowInsecureHTTP: Bool) throws(Failure) {
        guard URLText.begins(serviceURL, with: "https://") || URLText.begins(serviceURL, with: "http://"),
            let parts = try URLParts(serviceURL)
        else {
            throw Failure(.invalidArgument, "service_url must be https://…, http://…, sqlite:FILE or sqlite::memory:")
        }
        if parts.hasUserinfo { throw Failure(.invalidArgument, "service_url may not hold userinfo") }
        if parts.hasQuery { throw Failure(.invalidArgument, "service_url may not have a query") }
        if parts.hasFragment { throw Failure(.invalidArgument, "service_url may not have a fragment") }
        isLoopback = parts.isLoopback
        if parts.scheme == "http" && !isLoopback && !allowInsecureHTTP {
            throw Failure(.invalidArgument, "service_url is plain HTTP beyond loopback: use https, or allow_insecure_http")
        }
        let slashes = serviceURL.utf8.reversed().prefix { $0 == UInt8(ascii: "/") }.count
        text = String(decoding: serviceURL.utf8.dropLast(slashes), as: UTF8.self)
    }

    func url(_ operation: Operation) throws(Failure) -> String { text + (try path(operation)) }

    /// Below the base; where that ends in /v1, the customer webhook is beside the others.
    func path(_ operation: Operation) throws(Failure) -> String {
        switch operation {
        case .multiWebhookGet, .multiWebhookSet, .multiWebhookAppend, .multiWebhookUpdate: return "/multi_webhook"
        case .multiWebhookDelete(let name): return "/multi_webhook/" + (try Self.segment(name.string))
        case .wabaWebhookGet, .wabaWebhookSet: return "/waba_webhook"
        case .customerWebhookGet, .customerWebhookSet:
            return text.utf8.suffix(3).elementsEqual("/v1".utf8) ? "/configs/webhook" : "/v1/configs/webhook"
        }
    }

    /// One path segment, percent-encoded. "." and ".." too, which would be steps.
    private static func segment(_ name: String) throws(Failure) -> String {
        if name == "." { return "%2E" }
        if name == ".." { return "%2E%2E" }
        guard let escaped = curl_easy_escape(nil, name, Int32(clamping: name.utf8.count)) else { throw .outOfMemory }
        defer { curl_free(escaped) }
        return String(cString: escaped)
    }
}
