import CPostgreSQL
import Glibc
import Support

/// Which database to connect to, as libpq takes it, and what every connection sets.
final class ServerAddress: @unchecked Sendable {
    /// The database as messages name it, without user and password.
    let place: String
    private let password: String?
    /// Milliseconds for one connection attempt; nil: the call's.
    let connectTimeout: Int64?
    /// Ends in NULL; never changed.
    let keywords: [UnsafePointer<CChar>?]
    let values: [UnsafePointer<CChar>?]

    /// What the URL may set otherwise. A peer that died is noticed, also while nothing is being sent.
    private static let defaults = [
        ("fallback_application_name", "d360-webhookd"), ("keepalives_idle", "30"), ("keepalives_interval", "10"),
        ("keepalives_count", "3"), ("tcp_user_timeout", "10000"),
    ]

    /// Every statement finds its rows by an index: a plan that was kept since the tables were small must not read them from
    /// end to end. (Where there is no index a plan then looks so dear that it would be compiled, which takes far longer than
    /// it does.) A transaction of a client that vanished gives its locks back.
    private static let session = """
        -c default_transaction_isolation=read\\ committed -c idle_in_transaction_session_timeout=10000 \
        -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off
        """

    /// A URL of the form that libpq's manual, 34.1.1.2, describes.
    init(_ url: String) throws(Failure) {
        guard ["postgresql://", "postgres://"].contains(where: { url.utf8.starts(with: $0.utf8) }), !url.utf8.contains(0) else {
            throw Self.bad("begins with postgresql:// or postgres://")
        }
        guard Self.isClear(url) else { throw Self.bad("has @ and / in a user or a password written as %40 and %2F") }
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
        place = Self.place(host: given("host") ?? given("hostaddr"), port: given("port"), database: given("dbname"))
        password = given("password")
        // libpq's own waiting, which we do not use, takes 1 for 2 and 0 for no limit.
        connectTimeout = given("connect_timeout").flatMap { Int64($0) }.flatMap { 1...86_400 ~= $0 ? $0 * 1_000 : nil }
        let ownOptions = given("options") ?? getenv("PGOPTIONS").map { String(cString: $0) } ?? ""
        parsed += Self.defaults.filter { given($0.0) == nil }
        parsed.removeAll { $0.0 == "client_encoding" || $0.0 == "options" }
        parsed += [("client_encoding", "UTF8"), ("options", "\(ownOptions) \(Self.session)")]
        keywords = parsed.map { UnsafePointer(strdup($0.0)) } + [nil]
        values = parsed.map { UnsafePointer(strdup($0.1)) } + [nil]
    }

    deinit { for text in keywords + values { free(UnsafeMutablePointer(mutating: text)) } }

    /// Words of the server or of libpq, on one line, without the password.
    func redacted(_ words: String) -> String { Redaction.words(words, without: password.map { [$0] } ?? [], most: 300) }

    /// Whether no part of a password can be taken for a host or a database, which messages name: @ is where the user ends,
    /// before the first / if at all.
    private static func isClear(_ url: String) -> Bool {
        let named = url.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != 0 }
        let parts = named.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        let slashes = parts.first?.count { $0 == UInt8(ascii: "/") } ?? 0
        return parts.count == 1 || parts.count == 2 && slashes == 2
    }

    private static func place(host: String?, port: String?, database: String?) -> String {
        var place = "the PostgreSQL database"
        if let database, !database.isEmpty { place += " \(quoted(database))" }
        if let host, !host.isEmpty { place += " at \(host.sanitized)" + (port.map { ":\($0)" } ?? "") }
        return place
    }

    private static func bad(_ form: String) -> Failure {
        Failure(.invalidArgument, "the PostgreSQL URL cannot be used: it \(form)")
    }
}
