import CCurl
import Glibc
import Waiting
import WebhookModel

/// The nine operations on a service over HTTP.
public final class RemoteService: WebhookService {
    public var scope: Judge.Scope { .remote }

    let base: BaseURL
    private let handles: HandlePool

    /// `agent` names the library and its version; the option user_agent is put before it.
    public convenience init(_ serviceURL: String, options: ServiceOptions, agent: String) throws(Failure) {
        guard Self.isReady else { throw .fault("curl_global_init failed") }
        let base = try BaseURL(serviceURL, allowInsecureHTTP: options.allowInsecureHTTP)
        try Self.check(options)
        self.init(
            base,
            HandlePool { () throws(Failure) in
                try Handle(for: base, options, agent: [options.userAgent, agent].compactMap { $0 }.joined(separator: " "))
            })
    }

    private init(_ base: BaseURL, _ handles: HandlePool) {
        self.base = base
        self.handles = handles
    }

    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    private static func check(_ options: ServiceOptions) throws(Failure) {
        if let file = options.caFile, access(file, R_OK) != 0 {
            throw Options.bad("ca_file", "names a file that cannot be read")
        }
    }

    public func perform(_ request: Request, key: APIKey, call: Call) throws(Failure) -> String {
        let deadline = Deadline(in: Int64(call.settings.timeout), of: call)
        if request.operation.method == .get {
            return try read(request, key: key, call: call, deadline: deadline).text
        }
        var write = Write(request, key: key, call: call, deadline: deadline, service: self)
        return try write.run()
    }

    /// The answer was parsed when it was held to its documented types.
    public func read(_ request: Request, key: APIKey, call: Call) throws(Failure) -> JSON {
        try read(request, key: key, call: call, deadline: Deadline(in: Int64(call.settings.timeout), of: call)).json
    }

    /// One exchange, over a kept connection if there is one; `isRepeated` asks for a new one, as the kept one may be why.
    /// At a pace, it begins when it may, and begins again after each 429.
    func exchange(
        _ operation: Operation, body: String? = nil, key: APIKey, call: Call, deadline: Deadline, isRepeated: Bool = false
    ) throws(Failure) -> Exchange {
        guard let pace = call.pace else {
            return try exchangeOnce(operation, body: body, key: key, call: call, deadline: deadline, isRepeated: isRepeated)
        }
        while true {
            try pace.admit(call)
            let exchange = try exchangeOnce(
                operation, body: body, key: key, call: call, deadline: deadline, isRepeated: isRepeated)
            guard case .answer(let answer) = exchange else { return exchange }
            guard answer.status == 429 else {
                pace.admitted()
                return exchange
            }
            pace.refused(retryAfter: answer.retryAfter)
        }
    }

    private func exchangeOnce(
        _ operation: Operation, body: String?, key: APIKey, call: Call, deadline: Deadline, isRepeated: Bool
    ) throws(Failure) -> Exchange {
        let handle = try handles.take()
        defer { handles.giveBack(handle) }
        let started = Clock.monotonic
        let exchange = try handle.exchange(
            operation, at: base.url(operation), body: body, key: key, call: call, deadline: deadline, isRepeated: isRepeated)
        call.log.write(
            .info, "\(operation.method.rawValue) \(line(operation)) → \(exchange.line) in \(Clock.monotonic - started) ms")
        return exchange
    }

    private func line(_ operation: Operation) -> String { (try? base.path(operation)) ?? "" }
}

extension Exchange {
    /// As a log line says it.
    fileprivate var line: String {
        switch self {
        case .answer(let answer): "\(answer.status)"
        case .failed(let failure, _): failure.words
        case .cancelled: "cancelled"
        }
    }
}
