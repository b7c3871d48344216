import JSON
import Support
import WebhookModel

/// Options of the four fleet calls; one of another call is checked and has no effect.
package struct FleetOptions: Sendable {
    /// A setting of an account is a section of the document.
    package typealias Section = OperationKind.Setting

    package var concurrency = 16
    package var requestsPerSecond: Int?
    package var only: [String]?
    /// How long a change may take to show.
    package var wait = Duration.seconds(30)
    package var allowUnlisted = false
    package var force: Set<Section> = []
    /// The digests of a plan's report by account; nil in place of a digest if the account could not be read then.
    package var plan: [ExactString: String?]?
    package var maxChanges: Int?
    package var maxFailures: Int?
    package var routes = false
    package var probe = false
    package var probeSecret: String?

    package init() {}

    package init(_ text: String?, _ call: Call? = nil) throws(Failure) {
        guard let text else { return }
        let json = try ClientOptions.object(text, limit: FleetDocument.maximumBytes, call: call)
        for (name, value) in json.members { try decode(name, value) }
    }

    private mutating func decode(_ name: String, _ value: JSON) throws(Failure) {
        switch name {
        case "concurrency": concurrency = try Self.number(name, value, 1...256)
        case "requests_per_second": requestsPerSecond = try Self.number(name, value, 1...1_000_000)
        case "only": only = try Self.texts(name, value)
        case "wait_ms": wait = .milliseconds(try Self.number(name, value, 0...86_400_000))
        case "allow_unlisted": allowUnlisted = try Self.boolean(name, value)
        case "force":
            for (index, section) in try Self.texts(name, value).enumerated() {
                guard let section = Section(rawValue: section) else {
                    let names = Section.allCases.map { $0.rawValue }.joined(separator: ", ")
                    throw ClientOptions.bad(name, "must name sections: \(names)").with { $0.path = "/force/\(index)" }
                }
                force.insert(section)
            }
        case "plan": plan = try Self.plan(value)
        case "max_changes": maxChanges = try Self.number(name, value, 0...Int64(Int32.max))
        case "max_failures": maxFailures = try Self.number(name, value, 1...Int64(Int32.max))
        case "routes": routes = try Self.boolean(name, value)
        case "probe": probe = try Self.boolean(name, value)
        case "probe_secret":
            guard let secret = value.string, !secret.isEmpty else { throw ClientOptions.bad(name, "must be a string, not empty") }
            probeSecret = secret
        default: throw ClientOptions.bad(name, "is not an option of a fleet call")
        }
    }

    private static func number(_ name: String, _ value: JSON, _ range: ClosedRange<Int64>) throws(Failure) -> Int {
        Int(try ClientOptions.number(name, value, range))
    }

    private static func boolean(_ name: String, _ value: JSON) throws(Failure) -> Bool {
        guard let truth = value.boolean else { throw ClientOptions.bad(name, "must be true or false") }
        return truth
    }

    private static func texts(_ name: String, _ value: JSON) throws(Failure) -> [String] {
        guard value.kind == .array else { throw ClientOptions.bad(name, "must be an array of strings") }
        var texts: [String] = []
        for (index, element) in value.elements.enumerated() {
            guard let text = element.string else {
                throw ClientOptions.bad(name, "must be an array of strings").with { $0.path = "/\(name)/\(index)" }
            }
            texts.append(text)
        }
        return texts
    }

    /// Decodes a report of d360_fleet_plan: of its rows only the name and the digest count.
    private static func plan(_ value: JSON) throws(Failure) -> [ExactString: String?] {
        func bad(_ path: String) -> Failure {
            ClientOptions.bad("plan", "must be a report of d360_fleet_plan").with { $0.path = path }
        }
        guard value.kind == .object else { throw bad("/plan") }
        guard let rows = value["accounts"], rows.kind == .array else { throw bad("/plan/accounts") }
        var digests: [ExactString: String?] = [:]
        for (index, row) in rows.elements.enumerated() {
            let path = "/plan/accounts/\(index)"
            guard let name = row["name"]?.string else { throw bad("\(path)/name") }
            guard let digest = row["digest"], digest.kind == .string || digest.kind == .null else { throw bad("\(path)/digest") }
            digests[ExactString(name)] = .some(digest.string)
        }
        return digests
    }

    /// The places of the selected accounts.
    package func selected(from accounts: [FleetAccount]) throws(Failure) -> [Int] {
        guard let only else { return Array(accounts.indices) }
        var places: [ExactString: Int] = [:]
        for (index, account) in accounts.enumerated() { places[ExactString(account.name)] = index }
        var selected: Set<Int> = []
        for (index, name) in only.enumerated() {
            guard let place = places[ExactString(name)] else {
                throw ClientOptions.bad("only", "names no account of the document: \(quoted(name))").with {
                    $0.path = "/only/\(index)"
                }
            }
            selected.insert(place)
        }
        return selected.sorted()
    }
}
