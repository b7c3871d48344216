import CCurl
import Support

/// How one HTTP exchange ended.
enum Exchange {
    case answer(HTTPAnswer)
    /// No complete answer came. `sent`: a connection was ready, and the request's first byte may have been written.
    case failed(TransferFailure, sent: Bool)
    case cancelled(sent: Bool)
}

/// A complete answer, whatever it says.
struct HTTPAnswer {
    let status: Int
    /// Nil: longer than the client takes.
    let body: [UInt8]?
    /// Seconds, as libcurl reads them off a number or a date.
    let retryAfter: Int64?
}

/// Why no complete answer came.
struct TransferFailure {
    enum Kind { case network, timeout, tls, protocolBroken, outOfMemory }

    let kind: Kind
    /// libcurl's words; they name hosts and ports.
    let words: String

    init(_ code: CURLcode, _ words: String) {
        // libcurl quotes a proxy that it does not take as it was given, password included.
        let isProxy = code == CURLE_COULDNT_RESOLVE_PROXY
        self.words = isProxy ? "the proxy has no address, or is not one that libcurl takes" : Redaction.words(words, without: [])
        switch code {
        case CURLE_OPERATION_TIMEDOUT: kind = .timeout
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_ENGINE_NOTFOUND,
            CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CRL_BADFILE, CURLE_SSL_PINNEDPUBKEYNOTMATCH:
            kind = .tls
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING, CURLE_HTTP2,
            CURLE_HTTP2_STREAM, CURLE_URL_MALFORMAT:
            kind = .protocolBroken
        case CURLE_OUT_OF_MEMORY: kind = .outOfMemory
        default: kind = .network
        }
    }

    var failure: Failure {
        switch kind {
        case .network: Failure(.networkError, words, retryable: true)
        case .timeout: Failure(.timeout, words, retryable: true)
        case .tls: Failure(.tlsError, words)
        case .protocolBroken: Failure(.protocolError, "the answer is not HTTP as it should be: \(words)")
        case .outOfMemory: .outOfMemory
        }
    }
}
