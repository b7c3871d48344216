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
        if let text { try decode(text, call) }
    }

    /// A plan's rows are parsed one by one: a tree of all of them takes long to free, and no cancel ends that.
    private mutating func decode(_ text: String, _ call: Call?) throws(Failure) {
        guard let parts = try DocumentText(text, level: 2, call) else { return try decodeWhole(text, call) }
        do throws(Failure) { try decodeWhole(parts.rest, call) } catch {
            // A place in the whole text is another one.
            guard error.status == .malformedJSON else { throw error }
            return try decodeWhole(text, call)
        }
        if let digests = try Self.digests(of: parts, call) { plan = digests } else { try decodeWhole(text, call) }
    }

    private mutating func decodeWhole(_ text: String, _ call: Call?) throws(Failure) {
        let json = try ClientOptions.object(text, limit: FleetDocument.maximumBytes, call: call)
        for (name, value) in json.members { try decode(name, value, call) }
    }

    private mutating func decode(_ name: String, _ value: JSON, _ call: Call?) throws(Failure) {
        switch name {
        case "concurrency": concurrency = try Self.number(name, value, 1...256)
        case "requests_per_second": requestsPerSecond = try Self.number(name, value, 1...1_000_000)
        case "only": only = try Self.texts(name, value, call)
        case "wait_ms": wait = .milliseconds(try Self.number(name, value, 0...86_400_000))
        case "allow_unlisted": allowUnlisted = try Self.boolean(name, value)
        case "force":
            for (index, section) in try Self.texts(name, value, call).enumerated() {
                guard let section = Section(rawValue: section) else {
                    let names = Section.allCases.map { $0.rawValue }.joined(separator: ", ")
                    throw ClientOptions.bad(name, "must name sections: \(names)").with { $0.path = "/force/\(index)" }
                }
                force.insert(section)
            }
        case "plan": plan = try Self.plan(value, call)
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

    private static func texts(_ name: String, _ value: JSON, _ call: Call?) throws(Failure) -> [String] {
        guard value.kind == .array else { throw ClientOptions.bad(name, "must be an array of strings") }
        var texts: [String] = []
        while let element = value.element(texts.count) {
            try call?.check()
            guard let text = element.string else {
                throw ClientOptions.bad(name, "must be an array of strings").with { $0.path = "/\(name)/\(texts.count)" }
            }
            texts.append(text)
        }
        return texts
    }

    /// Decodes a report of d360_fleet_plan: of its rows only the name and the digest count.
    private static func plan(_ value: JSON, _ call: Call?) throws(Failure) -> [ExactString: String?] {
        guard value.kind == .object else { throw badPlan("/plan") }
        guard let rows = value["accounts"], rows.kind == .array else { throw badPlan("/plan/accounts") }
        var digests: [ExactString: String?] = [:]
        var index = 0
        while let row = rows.element(index) {
            try call?.check()
            try add(row, at: index, to: &digests)
            index += 1
        }
        return digests
    }

    /// The same of a plan, parsed row by row; nil if a row is not JSON.
    private static func digests(of parts: DocumentText, _ call: Call?) throws(Failure) -> [ExactString: String?]? {
        var digests: [ExactString: String?] = [:]
        for index in 0..<parts.count {
            guard let row = try FleetDocumentDecoder.parse(parts.account(index), call) else { return nil }
            try add(row, at: index, to: &digests)
        }
        return digests
    }

    private static func add(_ row: JSON, at index: Int, to digests: inout [ExactString: String?]) throws(Failure) {
        let path = "/plan/accounts/\(index)"
        guard let name = row["name"]?.string else { throw badPlan("\(path)/name") }
        guard let digest = row["digest"], digest.kind == .string || digest.kind == .null else { throw badPlan("\(path)/digest") }
        digests[ExactString(name)] = .some(digest.string)
    }

    private static func badPlan(_ path: String) -> Failure {
        ClientOptions.bad("plan", "must be a report of d360_fleet_plan").with { $0.path = path }
    }

    /// The places of the selected accounts.
    package func selected(from accounts: [FleetAccount], _ call: Call) throws(Failure) -> [Int] {
        guard let only else { return Array(accounts.indices) }
        var places: [ExactString: Int] = [:]
        for (index, account) in accounts.enumerated() { places[ExactString(account.name)] = index }
        var selected: Set<Int> = []
        for (index, name) in only.enumerated() {
            try call.check()
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
