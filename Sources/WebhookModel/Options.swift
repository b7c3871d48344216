/// Options as a caller gives them: JSON text over what holds without it.
public struct Options: Sendable {
    public var settings: Settings
    public var service = ServiceOptions()

    /// Milliseconds in a day: the longest time limit or delay.
    private static let day: Int64 = 86_400_000

    /// For a new client, or, given `derivedFrom`, for one of the same service.
    public init(_ text: String?, derivedFrom parent: Settings? = nil) throws(Failure) {
        settings = parent ?? Settings()
        guard let text else { return }
        for (name, value) in try Self.object(text).members {
            let taken = try take(name, value)
            guard taken || parent == nil else {
                throw Self.bad(name, "cannot be set for a derived client: it is the service's")
            }
        }
    }

    /// The members of an options text; what is wrong with it as a whole is the caller's argument.
    public static func object(_ text: String, limit: Int = JSON.maximumBytes) throws(Failure) -> JSON {
        let json: JSON
        do throws(JSON.Flaw) { json = try JSON(parsing: text, limit: limit) } catch {
            let failure = error.failure("options_json", limit: limit)
            throw failure.status == .invalidRequest ? failure.with { $0.status = .invalidArgument } : failure
        }
        guard json.kind == .object else {
            throw Failure(.invalidArgument, "options_json must be an object", path: "")
        }
        return json
    }

    /// Whether the option is one of a client's settings, not its service's.
    private mutating func take(_ name: String, _ value: JSON) throws(Failure) -> Bool {
        switch name {
        case "timeout_ms": settings.timeout = Int(try Self.number(name, value, 1...Self.day))
        case "connect_timeout_ms": settings.connectTimeout = Int(try Self.number(name, value, 1...Self.day))
        case "max_attempts": settings.maxAttempts = Int(try Self.number(name, value, 1...100))
        case "max_response_bytes": settings.maxResponseBytes = Int(try Self.number(name, value, 1...1_073_741_824))
        case "url_policy": settings.urlPolicy = try Self.urlPolicy(value)
        case "ca_file": service.caFile = try Self.text(name, value)
        // Empty: none, whatever the environment says; as libcurl takes it.
        case "proxy": service.proxy = value.string == "" ? "" : try Self.text(name, value)
        case "user_agent": service.userAgent = try Self.text(name, value)
        case "allow_insecure_http":
            guard let truth = value.boolean else { throw Self.bad(name, "must be true or false") }
            service.allowInsecureHTTP = truth
        case "max_destinations": service.maxDestinations = Int(try Self.number(name, value, 1...1_000))
        case "apply_delay_ms": service.applyDelay = try Self.number(name, value, 0...Self.day)
        case "multi_apply_delay_ms": service.multiApplyDelay = try Self.number(name, value, 0...Self.day)
        default: throw Self.bad(name, "is not an option")
        }
        return ["timeout_ms", "connect_timeout_ms", "max_attempts", "max_response_bytes", "url_policy"].contains(name)
    }

    public static func urlPolicy(_ value: JSON) throws(Failure) -> URLPolicy {
        guard let policy = value.string.flatMap({ URLPolicy(rawValue: $0) }) else {
            throw bad("url_policy", "must be \"cloud\", \"local\" or \"none\"")
        }
        return policy
    }

    public static func number(_ name: String, _ value: JSON, _ range: ClosedRange<Int64>) throws(Failure) -> Int64 {
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

    public static func bad(_ name: String, _ message: String) -> Failure {
        Failure(.invalidArgument, "option \(quoted(name)) \(message)", path: JSONPointer.path("", name))
    }
}
