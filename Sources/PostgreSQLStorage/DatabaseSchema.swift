import Support
import WebhookModel

/// What is in the database, all of it in a schema of its own, and how to tell that it is ours.
enum DatabaseSchema {
    /// "d360", the class of all our advisory locks; WABAs have the numbers from 0 on.
    private static let lock = Query("SELECT pg_advisory_xact_lock(1681077808, -1)")

    static var version: Int64 { Int64(migrations.count) }

    private enum Kind: Equatable { case absent, empty, foreign, version(Int64) }

    /// Makes an empty database ours, or an older version this one; leaves one that is; throws for others.
    static func prepare(_ connection: ServerConnection) throws(AttemptError) {
        if try check(connection) < version { try migrate(connection) }
        // Of connections that are long gone.
        _ = try connection.run(
            Query("DELETE FROM d360_webhook.writer WHERE used_at < d360_webhook.moment() - 86400000"))
    }

    /// Sets up a connection for calls. What the server's administrator made faster at the price of losing what was
    /// acknowledged is undone. A server on Linux notices a peer that closed its connection while it waits for a lock.
    static func configure(_ connection: ServerConnection) throws(AttemptError) {
        let rows = try connection.run(
            Query(
                """
                SELECT version,
                    CASE WHEN current_setting('synchronous_commit') = 'off'
                    THEN set_config('synchronous_commit', 'on', false) END,
                    CASE WHEN version() LIKE '%-linux-%'
                    THEN set_config('client_connection_check_interval', '1000', false) END
                FROM d360_webhook.schema_version
                """))
        guard let found = rows.integer(0) else { throw .permanent(foreign(connection)) }
        guard found == version else { throw .permanent(newer(connection)) }
    }

    private static func migrate(_ connection: ServerConnection) throws(AttemptError) {
        try connection.run([.begin, lock])
        do throws(AttemptError) {
            let kind = try kind(of: connection)
            // Another process may have been first.
            let found = try check(kind, connection)
            var steps = migrations.dropFirst(Int(found)).flatMap { $0.map { Query($0) } }
            if kind == .absent { steps.insert(Query("CREATE SCHEMA d360_webhook"), at: 0) }
            steps.append(Query("UPDATE d360_webhook.schema_version SET version = $1", .integer(version)))
            try connection.run(steps + [.commit])
        } catch {
            if connection.isOpen { try connection.run([.rollBack]) }
            throw error
        }
    }

    private static func check(_ connection: ServerConnection) throws(AttemptError) -> Int64 {
        try check(try kind(of: connection), connection)
    }

    /// The version that is there, 0 for none; throws unless it can be used.
    private static func check(_ kind: Kind, _ connection: ServerConnection) throws(AttemptError) -> Int64 {
        switch kind {
        case .absent, .empty: return 0
        case .foreign: throw .permanent(foreign(connection))
        case .version(let found):
            guard found <= version else { throw .permanent(newer(connection)) }
            return found
        }
    }

    private static func kind(of connection: ServerConnection) throws(AttemptError) -> Kind {
        let rows = try connection.run(
            Query(
                """
                SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class WHERE relnamespace = found.oid)
                    OR EXISTS (SELECT 1 FROM pg_catalog.pg_proc WHERE pronamespace = found.oid)
                    OR EXISTS (SELECT 1 FROM pg_catalog.pg_type WHERE typnamespace = found.oid),
                    EXISTS (
                        SELECT 1 FROM pg_catalog.pg_class AS known JOIN pg_catalog.pg_attribute ON attrelid = known.oid
                        WHERE relnamespace = found.oid AND relname = 'schema_version' AND attname = 'of_d360_webhookd'
                    )
                FROM pg_catalog.pg_namespace AS found WHERE nspname = 'd360_webhook'
                """))
        if rows.isEmpty { return .absent }
        guard rows.boolean(0) == true else { return .empty }
        guard rows.boolean(1) == true else { return .foreign }
        let version = try connection.run(Query("SELECT version FROM d360_webhook.schema_version"))
        return version.integer(0).map { .version($0) } ?? .foreign
    }

    private static func foreign(_ connection: ServerConnection) -> Failure {
        .storage(
            "\(connection.address.place) has a schema d360_webhook of another program, left untouched: name another database"
        )
    }

    private static func newer(_ connection: ServerConnection) -> Failure {
        .storage("\(connection.address.place) was made by a newer version of this program and was left untouched")
    }
}
