import WebhookModel

/// Options of the four fleet calls; one of another call is checked and has no effect.
public struct FleetOptions: Sendable {
    public var concurrency = 16
    public var requestsPerSecond: Int?
    public var only: [String]?
    /// Milliseconds that a change may take to show.
    public var wait: Int64 = 30_000
    public var allowUnlisted = false
    public var force: Set<Section> = []
    /// Digests by account; nil in place of a digest: the account could not be read then.
    public var plan: [ExactText: String?]?
    public var maxFailures: Int?
    public var probe = false
    public var probeSecret: String?

    public init() {}

    public init(_ text: String?) throws(Failure) {
        guard let text else { return }
        for (name, value) in try Options.object(text, limit: FleetDocument.maximumBytes).members { try take(name, value) }
    }

    private mutating func take(_ name: String, _ value: JSON) throws(Failure) {
        switch name {
        case "concurrency": concurrency = Int(try Options.number(name, value, 1...256))
        case "requests_per_second": requestsPerSecond = Int(try Options.number(name, value, 1...1_000_000))
        case "only": only = try Self.texts(name, value)
        case "wait_ms": wait = try Options.number(name, value, 0...86_400_000)
        case "allow_unlisted": allowUnlisted = try Self.boolean(name, value)
        case "force":
            for (index, section) in try Self.texts(name, value).enumerated() {
                guard let section = Section(rawValue: section) else {
                    let names = Section.allCases.map { $0.rawValue }.joined(separator: ", ")
                    throw Options.bad(name, "names sections: \(names)").with { $0.path = "/force/\(index)" }
                }
                force.insert(section)
            }
        case "plan": plan = try Self.plan(value)
        case "max_failures": maxFailures = Int(try Options.number(name, value, 1...Int64(Int32.max)))
        case "probe": probe = try Self.boolean(name, value)
        case "probe_secret":
            guard let secret = value.string, !secret.isEmpty else { throw Options.bad(name, "must be a string, not empty") }
            probeSecret = secret
        default: throw Options.bad(name, "is not an option of a fleet call")
        }
    }

    private static func boolean(_ name: String, _ value: JSON) throws(Failure) -> Bool {
        guard let truth = value.boolean else { throw Options.bad(name, "must be true or false") }
        return truth
    }

    private static func texts(_ name: String, _ value: JSON) throws(Failure) -> [String] {
        guard value.kind == .array else { throw Options.bad(name, "must be an array of strings") }
        var texts: [String] = []
        for (index, element) in value.elements.enumerated() {
            guard let text = element.string else {
                throw Options.bad(name, "must be an array of strings").with { $0.path = "/\(name)/\(index)" }
            }
            texts.append(text)
        }
        return texts
    }

    /// A report of d360_fleet_plan: of its rows only the name and the digest count.
    private static func plan(_ value: JSON) throws(Failure) -> [ExactText: String?] {
        func bad(_ path: String) -> Failure {
            Options.bad("plan", "must be a report of d360_fleet_plan").with { $0.path = path }
        }
        guard value.kind == .object else { throw bad("/plan") }
        guard let rows = value["accounts"], rows.kind == .array else { throw bad("/plan/accounts") }
        var digests: [ExactText: String?] = [:]
        for (index, row) in rows.elements.enumerated() {
            let place = "/plan/accounts/\(index)"
            guard let name = row["name"]?.string else { throw bad("\(place)/name") }
            guard let digest = row["digest"], digest.kind == .string || digest.kind == .null else { throw bad("\(place)/digest") }
            digests[ExactText(name)] = .some(digest.string)
        }
        return digests
    }

    /// Which accounts of the document are meant.
    public func chosen(from accounts: [FleetAccount]) throws(Failure) -> [Bool] {
        guard let only else { return accounts.map { _ in true } }
        let known = Set(accounts.map { ExactText($0.name) })
        for (index, name) in only.enumerated() where !known.contains(ExactText(name)) {
            throw Options.bad("only", "names no account of the document: \(quoted(name))").with { $0.path = "/only/\(index)" }
        }
        let wanted = Set(only.map { ExactText($0) })
        return accounts.map { wanted.contains(ExactText($0.name)) }
    }
}
