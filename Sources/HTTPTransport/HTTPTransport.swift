import CCurl
import Glibc
import Support
import WebhookModel

/// Sends HTTP requests over kept connections. Used by any number of threads.
package final class HTTPTransport: Sendable {
    private let pool: HandlePool

    /// `agent` is the User-Agent; nil sends none.
    package convenience init(_ options: RemoteOptions, agent: String?) throws(Failure) {
        guard Self.isReady else { throw .fault("curl_global_init failed") }
        if let file = options.caFile, access(file, R_OK) != 0 {
            throw ClientOptions.bad("ca_file", "names a file that cannot be read")
        }
        let trust = Trust(options)
        self.init(
            HandlePool { opening throws(Failure) in
                try Handle(trust, proxy: options.proxy, agent: agent, opening: opening)
            })
    }

    private init(_ pool: HandlePool) { self.pool = pool }

    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    /// One exchange, until `call.deadline` at most. If the call has a throttle, the request is sent when that admits it, and
    /// again after each 429.
    package func send(_ request: HTTPRequest, call: Call) throws(Failure) -> HTTPOutcome {
        guard let throttle = call.throttle else { return try exchange(request, call) }
        while true {
            try throttle.acquire(call)
            let outcome = try exchange(request, call)
            guard case .response(let response) = outcome else { return outcome }
            guard response.status == 429 else {
                throttle.admitted()
                return outcome
            }
            throttle.rejected(retryAfter: response.retryAfter)
        }
    }

    /// Waits if the process has no descriptor left: other threads give theirs back.
    @inline(never)
    private func exchange(_ request: HTTPRequest, _ call: Call) throws(Failure) -> HTTPOutcome {
        while true {
            let started = Clock.monotonic
            let (outcome, lacksDescriptors) = try exchangeOnce(request, call)
            call.log.write(
                .info, "\(request.method) \(request.label) → \(outcome.line) in \((Clock.monotonic - started).milliseconds) ms")
            guard lacksDescriptors && !call.deadline.hasPassed else { return outcome }
            pool.trim()
            try call.pause(min(Self.descriptorPause, call.deadline.remaining))
        }
    }

    private static let descriptorPause = Duration.milliseconds(20)

    private func exchangeOnce(
        _ request: HTTPRequest, _ call: Call
    ) throws(Failure) -> (outcome: HTTPOutcome, lacksDescriptors: Bool) {
        if let handle = try pool.idleOrNew() {
            let outcome = try handle.exchange(request, call)
            guard case .failed(_, sent: false) = outcome, handle.lacksDescriptors else {
                pool.giveBack(handle)
                return (outcome, false)
            }
        }
        let words = "no file descriptor is left: the process or the system has reached its limit"
        return (.failed(TransferFailure(.network, words), sent: false), true)
    }
}

/// Which certificate authorities are trusted: the option's, those of OpenSSL's variables, libcurl's own, or the machine's.
struct Trust: Sendable {
    let file: String?
    let folder: String?

    init(_ options: RemoteOptions) {
        file = options.caFile ?? Self.variable("SSL_CERT_FILE") ?? Self.machineFile
        folder = options.caFile == nil ? Self.variable("SSL_CERT_DIR") : nil
    }

    private static func variable(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    /// A libcurl that is linked into the library was built for no particular machine, and knows no authorities.
    private static var machineFile: String? {
        d360_curl_knows_authorities() ? nil : machineFiles.first { access($0, R_OK) == 0 }
    }

    private static let machineFiles = [
        "/etc/ssl/certs/ca-certificates.crt",  // Debian, Ubuntu, Alpine, Arch
        "/etc/pki/tls/certs/ca-bundle.crt",  // Red Hat, Fedora, Amazon Linux
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // the same, without the older link
        "/etc/ssl/ca-bundle.pem",  // SUSE
        "/etc/ssl/cert.pem",  // Alpine without the package ca-certificates
    ]
}

extension HTTPOutcome {
    /// As a log line says it.
    fileprivate var line: String {
        switch self {
        case .response(let response): "\(response.status)"
        case .failed(let failure, _): failure.words
        case .cancelled: "cancelled"
        }
    }
}
