import Crypto
import HTTPTransport
import Support
import WebhookModel

/// How a receiver answered a probe.
enum ProbeResult: Sendable {
    case fine
    /// Another HTTP status than 200.
    case status(Int)
    /// No answer: libcurl's words.
    case failed(String)
    case cancelled
}

/// Sends POST {} to a webhook, as the service would send an event: 5 s, no redirects, 200 expected.
struct Probe {
    private static let limit = Duration.seconds(5)
    private static let body = "{}"

    let webhook: Webhook
    private let transport: HTTPTransport
    private let headerLines: [String]

    /// With a secret the body is signed. `transport` follows the client's options.
    init(_ webhook: Webhook, secret: String?, transport: HTTPTransport) throws(Failure) {
        self.webhook = webhook
        self.transport = transport
        var ours = [("Content-Type", "application/json")]
        if let secret {
            ours.append(("X-360dialog-Signature", try HMACSHA256.hexadecimal(Array(Self.body.utf8), under: secret)))
        }
        // Each name is sent once: the webhook's own headers replace ours.
        let names = Set(webhook.headers.fields.map { $0.foldedName })
        ours.removeAll { names.contains($0.0.asciiLowercased) }
        headerLines =
            ["Expect:"] + ours.map { "\($0.0): \($0.1)" }
            + webhook.headers.fields.map { $0.value.string.isEmpty ? "\($0.name);" : "\($0.name): \($0.value.string)" }
    }

    func send(_ call: Call) throws(Failure) -> ProbeResult {
        let url = webhook.url.string
        var request = HTTPRequest(method: "POST", url: url, headerLines: headerLines, body: Self.body, label: Redaction.url(url))
        request.bypassesProxy = try URLParts(url)?.isLoopback == true
        request.takesNewConnection = true
        switch try transport.send(request, call: call.until(Deadline(in: Self.limit))) {
        case .response(let response): return response.status == 200 ? .fine : .status(response.status)
        case .failed(let failure, _): return .failed(failure.words)
        case .cancelled: return .cancelled
        }
    }
}
