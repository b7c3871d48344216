import CCurl
import Support

/// A request as it is sent.
package struct HTTPRequest {
    package let method: String
    package let url: String
    /// Each as "Name: value"; "Name;" sends an empty value.
    package let headerLines: [String]
    package let body: String?
    /// How logs name the target: it must hold no secret.
    package let label: String
    /// Sending it twice does no harm, so libcurl may do so when a kept connection ends under it.
    package var isIdempotent = false
    /// Asks for a new connection: the kept one may be the reason for a failure.
    package var takesNewConnection = false
    /// The target is on this machine: it is never reached through a proxy.
    package var bypassesProxy = false

    package init(method: String, url: String, headerLines: [String], body: String?, label: String) {
        self.method = method
        self.url = url
        self.headerLines = headerLines
        self.body = body
        self.label = label
    }

    /// All URLs begin with "http://" or "https://", in any case.
    var isTLS: Bool { url.utf8.dropFirst(4).first.map(asciiLowercase) == UInt8(ascii: "s") }
}

/// How one exchange ended.
package enum HTTPOutcome {
    case response(HTTPResponse)
    /// No complete response came. `sent`: a connection was ready, and the request's first byte may have been written.
    case failed(TransferFailure, sent: Bool)
    case cancelled(sent: Bool)
}

/// A complete response with any status.
package struct HTTPResponse {
    package let status: Int
    /// Nil if it was longer than the client accepts.
    package let body: [UInt8]?
    package let contentType: String?
    /// From a number or a date.
    package let retryAfter: Duration?
}

/// Why no complete response came.
package struct TransferFailure {
    package enum Kind { case network, timeout, tls, malformed, outOfMemory }

    package let kind: Kind
    /// libcurl's words; they name hosts and ports.
    package let words: String

    init(_ code: CURLcode, _ words: String) {
        kind = Self.kind(code)
        // libcurl quotes a proxy that it does not accept as it was given, password included.
        let safe = Redaction.redacted(words, without: [])
        let isProxy = code == CURLE_COULDNT_RESOLVE_PROXY || safe == Redaction.withheld
        self.words = isProxy ? "the proxy has no address, or libcurl does not accept it" : safe
    }

    init(_ kind: Kind, _ words: String) {
        self.kind = kind
        self.words = words
    }

    private static func kind(_ code: CURLcode) -> Kind {
        switch code {
        case CURLE_OPERATION_TIMEDOUT: .timeout
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_ENGINE_NOTFOUND,
            CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CRL_BADFILE, CURLE_SSL_PINNEDPUBKEYNOTMATCH:
            .tls
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING, CURLE_HTTP2,
            CURLE_HTTP2_STREAM, CURLE_URL_MALFORMAT:
            .malformed
        case CURLE_OUT_OF_MEMORY: .outOfMemory
        default: .network
        }
    }

    package var failure: Failure {
        switch kind {
        case .network: Failure(.networkError, words, retryable: true)
        case .timeout: Failure(.timeout, words, retryable: true)
        case .tls: Failure(.tlsError, words)
        case .malformed: Failure(.protocolError, "malformed HTTP response: \(words)")
        case .outOfMemory: .outOfMemory
        }
    }
}
