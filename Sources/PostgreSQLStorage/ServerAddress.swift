import CPostgreSQL
import Glibc
import Support

/// The database to connect to, as libpq takes it, with the settings of every connection.
struct ServerAddress: Sendable {
    /// The database as messages name it, without user and password.
    let place: String
    private let password: String?
    /// The longest connection attempt; nil: the call's.
    let connectTimeout: Duration?
    /// The parameters of each host.
    let hosts: [Parameters]

    /// The parameters that libpq takes for one connection attempt.
    struct Parameters: Sendable {
        fileprivate var values: [(keyword: String, value: String)]

        /// Begins to connect; nil if there is no memory.
        func connect() -> OpaquePointer? {
            let keywords = values.map { strdup($0.keyword) }
            let texts = values.map { strdup($0.value) }
            defer { for text in keywords + texts { free(text) } }
            return PQconnectStartParams(
                keywords.map { UnsafePointer($0) } + [nil], texts.map { UnsafePointer($0) } + [nil], 0)
        }
    }

    /// Settings that the URL may replace. A standby is not connected to: it cannot write, and its readings are late. A peer that
    /// died is noticed even while nothing is sent.
    private static let defaults = [
        ("fallback_application_name", "d360-webhookd"), ("keepalives_idle", "30"), ("keepalives_interval", "10"),
        ("keepalives_count", "3"), ("tcp_user_timeout", "10000"), ("target_session_attrs", "primary"),
    ]

    /// Every statement finds its rows by an index: a plan that was kept since the tables were small must not read them from end
    /// to end. Without an index, enable_seqscan=off raises the plan's cost above the limit for compiling, and compiling costs
    /// more than the query. A transaction of a client that vanished gives its locks back.
    private static let session = """
        -c default_transaction_isolation=read\\ committed -c idle_in_transaction_session_timeout=10000 \
        -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off
        """

    /// A URL of the form that libpq's manual, 34.1.1.2, describes.
    init(_ url: String) throws(Failure) {
        guard ["postgresql://", "postgres://"].contains(where: { url.utf8.starts(with: $0.utf8) }), !url.utf8.contains(0) else {
            throw Self.bad("begins with postgresql:// or postgres://")
        }
        guard Self.isUnambiguous(url) else { throw Self.bad("has @ and / in a user or a password written as %40 and %2F") }
        var parsed: [(String, String)] = []
        guard let options = PQconninfoParse(url, nil) else {
            throw Self.bad("has the form that libpq's manual describes; check its parts and its options")
        }
        defer { PQconninfoFree(options) }
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { parsed.append((String(cString: keyword), String(cString: value))) }
            option += 1
        }
        func given(_ keyword: String) -> String? { parsed.last { $0.0 == keyword }?.1 }
        guard (given("port") ?? "").utf8.allSatisfy({ $0 == UInt8(ascii: ",") || 0x30...0x39 ~= $0 }) else {
            throw Self.bad("has a number as its port, and / in a password written as %2F")
        }
        place = Self.description(host: given("host") ?? given("hostaddr"), port: given("port"), database: given("dbname"))
        password = given("password")
        // As in libpq, 0 sets no limit.
        connectTimeout = given("connect_timeout").flatMap { Int64($0) }.flatMap { 1...86_400 ~= $0 ? .seconds($0) : nil }
        let ownOptions = given("options") ?? getenv("PGOPTIONS").map { String(cString: $0) } ?? ""
        parsed += Self.defaults.filter { given($0.0) == nil }
        parsed.removeAll { $0.0 == "client_encoding" || $0.0 == "options" }
        parsed += [("client_encoding", "UTF8"), ("options", "\(ownOptions) \(Self.session)")]
        hosts = Self.split(parsed)
    }

    /// The parameters for each of several hosts, which have lists of the same length.
    private static func split(_ parameters: [(String, String)]) -> [Parameters] {
        let lists = ["host", "hostaddr", "port"]
        func elements(_ value: String) -> [String] {
            value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        let count = parameters.filter { lists.contains($0.0) }.map { elements($0.1).count }.max() ?? 1
        return (0..<count).map { index in
            Parameters(
                values: parameters.map { keyword, value in
                    let each = lists.contains(keyword) ? elements(value) : [value]
                    return (keyword, each.count == count && count > 1 ? each[index] : value)
                })
        }
    }

    /// Words of the server or of libpq, on one line, without the password.
    func redacted(_ words: String) -> String { Redaction.redacted(words, without: password.map { [$0] } ?? [], most: 300) }

    /// False if a part of a password could be taken for a host or a database, which messages name: the user ends at an @ before
    /// the first /.
    private static func isUnambiguous(_ url: String) -> Bool {
        let named = url.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != 0 }
        let parts = named.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        let slashes = parts.first?.count { $0 == UInt8(ascii: "/") } ?? 0
        return parts.count == 1 || parts.count == 2 && slashes == 2
    }

    private static func description(host: String?, port: String?, database: String?) -> String {
        var place = "the PostgreSQL database"
        if let database, !database.isEmpty { place += " \(quoted(database))" }
        if let host, !host.isEmpty { place += " at \(host.sanitized)" + (port.map { ":\($0)" } ?? "") }
        return place
    }

    private static func bad(_ form: String) -> Failure {
        Failure(.invalidArgument, "the PostgreSQL URL cannot be used: it \(form)")
    }
}
