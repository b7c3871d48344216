import JSON
import Support

/// The options of `d360_open` and `d360_derive`: JSON text over the defaults.
package struct ClientOptions: Sendable {
    package var settings: CallSettings
    package var remote = RemoteOptions()
    package var embedded = EmbeddedOptions()

    /// Milliseconds in a day: the longest time limit or delay.
    private static let day: Int64 = 86_400_000

    /// For a new client, or, given `derivedFrom`, for one of the same service.
    package init(_ text: String?, derivedFrom parent: CallSettings? = nil) throws(Failure) {
        settings = parent ?? CallSettings()
        guard let text else { return }
        for (name, value) in try Self.object(text).members {
            let taken = try set(name, value)
            guard taken || parent == nil else {
                throw Self.bad(name, "cannot be set for a derived client: it belongs to the service")
            }
        }
    }

    /// The members of an options text; what is wrong with it as a whole is the caller's argument.
    package static func object(_ text: String, limit: Int = JSON.maximumBytes, call: Call? = nil) throws(Failure) -> JSON {
        let json: JSON
        do throws(Failure) { json = try JSON(request: text, named: "options_json", limit: limit, call: call) } catch {
            throw error.status == .invalidRequest ? error.with { $0.status = .invalidArgument } : error
        }
        guard json.kind == .object else {
            throw Failure(.invalidArgument, "options_json must be an object", path: "")
        }
        return json
    }

    /// Returns whether the option is one of the client's settings, not of its service.
    private mutating func set(_ name: String, _ value: JSON) throws(Failure) -> Bool {
        switch name {
        case "timeout_ms": settings.timeout = .milliseconds(try Self.number(name, value, 1...Self.day))
        case "connect_timeout_ms": settings.connectTimeout = .milliseconds(try Self.number(name, value, 1...Self.day))
        case "max_attempts": settings.maxAttempts = Int(try Self.number(name, value, 1...100))
        case "max_response_bytes": settings.maxResponseBytes = Int(try Self.number(name, value, 1...1_073_741_824))
        case "url_policy": settings.urlPolicy = try Self.urlPolicy(value)
        case "ca_file": remote.caFile = try Self.text(name, value)
        // Empty: none, even if the environment names one; as libcurl takes it.
        case "proxy": remote.proxy = value.string == "" ? "" : try Self.text(name, value)
        case "user_agent": remote.userAgent = try Self.text(name, value)
        case "allow_insecure_http":
            guard let truth = value.boolean else { throw Self.bad(name, "must be true or false") }
            remote.allowInsecureHTTP = truth
        case "max_destinations": embedded.maxDestinations = Int(try Self.number(name, value, 1...1_000))
        case "apply_delay_ms": embedded.applyDelay = .milliseconds(try Self.number(name, value, 0...Self.day))
        case "multi_apply_delay_ms": embedded.multiApplyDelay = .milliseconds(try Self.number(name, value, 0...Self.day))
        case "answers":
            guard let style = value.string.flatMap({ AnswerStyle(rawValue: $0) }) else {
                throw Self.bad(name, "must be \"specification\", \"observed\" or \"not_found\"")
            }
            embedded.answers = style
        default: throw Self.bad(name, "is not an option")
        }
        return ["timeout_ms", "connect_timeout_ms", "max_attempts", "max_response_bytes", "url_policy"].contains(name)
    }

    package static func urlPolicy(_ value: JSON) throws(Failure) -> URLPolicy {
        guard let policy = value.string.flatMap({ URLPolicy(rawValue: $0) }) else {
            throw bad("url_policy", "must be \"cloud\", \"local\" or \"none\"")
        }
        return policy
    }

    package static func number(_ name: String, _ value: JSON, _ range: ClosedRange<Int64>) throws(Failure) -> Int64 {
        guard let number = value.integer, range.contains(number) else {
            throw bad(name, "must be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func text(_ name: String, _ value: JSON) throws(Failure) -> String {
        guard let text = value.string, !text.isEmpty, !text.unicodeScalars.contains(where: { $0.isControl }) else {
            throw bad(name, "must be a string, not empty, without control characters")
        }
        return text
    }

    package static func bad(_ name: String, _ message: String) -> Failure {
        Failure(.invalidArgument, "option \(quoted(name)) \(message)", path: JSONPointer.path("", name))
    }
}
