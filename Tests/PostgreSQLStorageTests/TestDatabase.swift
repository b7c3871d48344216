import CPostgreSQL
import Foundation
import Testing

/// A database of a test's own in the cluster that D360_TEST_POSTGRESQL names (its superuser's URL with a Unix socket:
/// postgresql://ROLE@/DATABASE?host=FOLDER); gone with its last reference.
final class TestDatabase: Sendable {
    let name: String
    let url: String
    /// The folder of the cluster's socket.
    let folder: String

    init(_ options: String = "") throws {
        let cluster = try Self.cluster()
        name = "test_" + UUID().uuidString.lowercased().replacing("-", with: "_")
        folder = cluster.folder
        url = Self.url(cluster, name)
        try Session(cluster.url).run("CREATE DATABASE \(name) \(options)")
    }

    deinit { _ = try? Session(Self.cluster().url).run("DROP DATABASE \(name) WITH (FORCE)") }

    func session() throws -> Session { try Session(url) }

    /// The same database for another role, or at another socket.
    func url(role: String? = nil, folder: String? = nil) throws -> String {
        let cluster = try Self.cluster()
        return Self.url((cluster.url, role ?? cluster.role, folder ?? cluster.folder), name)
    }

    private typealias Cluster = (url: String, role: String, folder: String)

    private static func url(_ cluster: Cluster, _ database: String) -> String {
        "postgresql://\(cluster.role)@/\(database)?host=\(cluster.folder)"
    }

    private static func cluster() throws -> Cluster {
        let url = try #require(
            ProcessInfo.processInfo.environment["D360_TEST_POSTGRESQL"],
            "D360_TEST_POSTGRESQL is not set: make test sets it, Tests/support/postgres.py makes such a cluster")
        let match = try #require(try /postgresql:\/\/(\w+)@\/\w+\?host=(.+)/.wholeMatch(in: url))
        return (url, String(match.1), String(match.2))
    }
}

/// A connection of somebody else.
final class Session: @unchecked Sendable {
    private let handle: OpaquePointer

    init(_ url: String) throws {
        handle = try #require(PQconnectdb(url))
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        try #require(PQstatus(handle) == CONNECTION_OK, "\(String(cString: PQerrorMessage(handle)))")
    }

    deinit { PQfinish(handle) }

    /// The rows as psql shows them, their columns with | between them.
    @discardableResult
    func run(_ sql: String) throws -> [String] {
        let result = PQexec(handle, sql)
        defer { PQclear(result) }
        let isFine = [PGRES_COMMAND_OK, PGRES_TUPLES_OK].contains(PQresultStatus(result))
        try #require(isFine, "\(sql): \(String(cString: PQerrorMessage(handle)))")
        return (0..<PQntuples(result)).map { row in
            (0..<PQnfields(result)).map { String(cString: PQgetvalue(result, row, $0)) }.joined(separator: "|")
        }
    }

    /// Other clients of this database.
    static let others = """
        pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
        """

    /// Ends every other connection to this database.
    func terminateOthers() throws {
        try run("SELECT pg_terminate_backend(pid) FROM \(Self.others)")
    }

    /// Everything in the schema of the storage, with every owner.
    func schema() throws -> [String] {
        try run(
            """
            SELECT c.oid, c.relname, c.relkind, a.attname, a.atttypid::regtype FROM pg_class c
            LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
            WHERE relnamespace = to_regnamespace('d360_webhook') ORDER BY 1, 4
            """)
    }
}
