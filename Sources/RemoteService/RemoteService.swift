import CCurl
import Glibc
import JSON
import Support
import WebhookModel

/// The nine operations on a service over HTTP.
package final class RemoteService: WebhookService {
    package var scope: RequestValidator.Scope { .remote }

    let base: BaseURL
    private let handles: HandlePool

    /// `agent` names the library and its version; the option user_agent is put before it.
    package convenience init(_ serviceURL: String, options: RemoteOptions, agent: String) throws(Failure) {
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

    private static func check(_ options: RemoteOptions) throws(Failure) {
        if let file = options.caFile, access(file, R_OK) != 0 {
            throw ClientOptions.bad("ca_file", "names a file that cannot be read")
        }
    }

    package func perform(_ request: Request, key: APIKey, call: Call) throws(Failure) -> String {
        let deadline = Deadline(in: call.settings.timeout.milliseconds, of: call)
        if request.operation.kind.isReading {
            return try read(request.operation, secrets: [], key: key, call: call, deadline: deadline).text
        }
        var write = Write(request, key: key, call: call, deadline: deadline, service: self)
        return try write.run()
    }

    package func read(
        _ setting: OperationKind.Setting, key: APIKey, redacting secrets: [String], call: Call
    ) throws(Failure) -> SettingReading {
        let deadline = Deadline(in: call.settings.timeout.milliseconds, of: call)
        let answer = try read(Request(setting).operation, secrets: secrets, key: key, call: call, deadline: deadline)
        return try SettingReading(text: answer.text, of: setting)
    }

    /// One exchange, over a kept connection if there is one; `isRepeated` asks for a new one, as the kept one may be why.
    /// At a throttle, it begins when it may, and begins again after each 429.
    func exchange(
        _ operation: Operation, body: String? = nil, key: APIKey, call: Call, deadline: Deadline, isRepeated: Bool = false
    ) throws(Failure) -> Exchange {
        guard let throttle = call.throttle else {
            return try exchangeOnce(operation, body: body, key: key, call: call, deadline: deadline, isRepeated: isRepeated)
        }
        while true {
            try throttle.acquire(call)
            let exchange = try exchangeOnce(
                operation, body: body, key: key, call: call, deadline: deadline, isRepeated: isRepeated)
            guard case .answer(let answer) = exchange else { return exchange }
            guard answer.status == 429 else {
                throttle.admitted()
                return exchange
            }
            throttle.refused(retryAfter: answer.retryAfter.map { .seconds($0) })
        }
    }

    private func exchangeOnce(
        _ operation: Operation, body: String?, key: APIKey, call: Call, deadline: Deadline, isRepeated: Bool
    ) throws(Failure) -> Exchange {
        let handle = try handles.take()
        defer { handles.giveBack(handle) }
        let started = Clock.milliseconds
        let exchange = try handle.exchange(
            operation, at: base.url(operation), body: body, key: key, call: call, deadline: deadline, isRepeated: isRepeated)
        call.log.write(
            .info, "\(operation.kind.method.rawValue) \(line(operation)) → \(exchange.line) in \(Clock.milliseconds - started) ms"
        )
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
