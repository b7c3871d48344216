import Support
import WebhookModel

/// The tables of the database by version. They are in a schema of their own, which says that it is ours.
enum DatabaseSchema {
    /// "d360", the class of all our advisory locks; WABAs have the numbers from 0 on.
    private static let lock = Query("SELECT pg_advisory_xact_lock(1681077808, -1)")

    static var version: Int64 { Int64(migrations.count) }

    /// Makes an empty database ours, or an older version this one; leaves one that is; throws for others.
    static func prepare(_ connection: ServerConnection) throws(AttemptError) {
        if try installedVersion(connection) != version { try migrate(connection) }
        // These rows belong to connections that ended long ago.
        _ = try connection.execute(
            Query("DELETE FROM d360_webhook.writer WHERE used_at < d360_webhook.moment() - 86400000"))
    }

    /// Sets up a connection for calls. What the server's administrator made faster at the price of losing what was
    /// acknowledged is undone. A server on Linux notices a peer that closed its connection while it waits for a lock.
    static func configure(_ connection: ServerConnection) throws(AttemptError) {
        let rows = try connection.execute(
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
        try connection.execute([.begin, lock])
        do throws(AttemptError) {
            // Another process may have been first.
            let found = try installedVersion(connection)
            var steps = migrations.dropFirst(Int(found ?? 0)).flatMap { $0.map { Query($0) } }
            if found == nil { steps.insert(Query("CREATE SCHEMA d360_webhook"), at: 0) }
            steps.append(Query("UPDATE d360_webhook.schema_version SET version = $1", .integer(version)))
            try connection.execute(steps + [.commit])
        } catch {
            if connection.isOpen { try connection.execute([.rollBack]) }
            throw error
        }
    }

    /// The version of the schema, 0 if it is empty, nil if there is none. Throws if this version cannot be made of it.
    private static func installedVersion(_ connection: ServerConnection) throws(AttemptError) -> Int64? {
        let rows = try connection.execute(
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
        if rows.isEmpty { return nil }
        guard rows.boolean(0) == true else { return 0 }
        guard rows.boolean(1) == true,
            let found = try connection.execute(Query("SELECT version FROM d360_webhook.schema_version")).integer(0)
        else { throw .permanent(foreign(connection)) }
        guard found <= version else { throw .permanent(newer(connection)) }
        return found
    }

    private static func foreign(_ connection: ServerConnection) -> Failure {
        .storage(
            "\(connection.address.place) has a schema d360_webhook of another program and was not changed: name another database"
        )
    }

    private static func newer(_ connection: ServerConnection) -> Failure {
        .storage(
            "\(connection.address.place) was made by a newer version of this program and was not changed: install that version")
    }
}

extension DatabaseSchema {
    /// The statements that lead from each version to the next. Once it is released, an entry is not changed.
    static let migrations: [[StaticString]] = [
        [
            """
            CREATE TABLE d360_webhook.schema_version (
                version bigint NOT NULL,
                of_d360_webhookd boolean PRIMARY KEY DEFAULT true CHECK (of_d360_webhookd)
            )
            """,
            "INSERT INTO d360_webhook.schema_version (version) VALUES (0)",
            // Milliseconds since 1970, as all moments are kept.
            """
            CREATE FUNCTION d360_webhook.moment() RETURNS bigint LANGUAGE sql VOLATILE PARALLEL SAFE
            RETURN (extract(epoch FROM clock_timestamp()) * 1000)::bigint
            """,
            // In the order of registration. multi_webhook is the newest document, against which every write is checked; readings
            // show it from multi_webhook_shows_at on, 0 for: at once. Pages have room for the next version of a row, so that no
            // index changes with a document.
            """
            CREATE TABLE d360_webhook.channel (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                phone_number_id text COLLATE "C" NOT NULL UNIQUE,
                phone_number text,
                waba_id bigint NOT NULL,
                key_digest bytea NOT NULL UNIQUE,
                customer_webhook text,
                customer_headers text,
                multi_webhook text,
                multi_webhook_shows_at bigint NOT NULL DEFAULT 0
            ) WITH (fillfactor = 70)
            """,
            "CREATE INDEX channel_by_waba ON d360_webhook.channel (waba_id, id)",
            // Documents before the newest, in the order of their writing, that readings show until a later one is due.
            """
            CREATE TABLE d360_webhook.earlier_multi_webhook (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                channel bigint NOT NULL REFERENCES d360_webhook.channel ON DELETE CASCADE,
                document text NOT NULL,
                shows_at bigint NOT NULL
            )
            """,
            "CREATE INDEX earlier_multi_webhook_by_channel ON d360_webhook.earlier_multi_webhook (channel, id)",
            // pending takes the place of document from applies_at on. override_all belongs to pending.
            """
            CREATE TABLE d360_webhook.waba_webhook (
                waba_id bigint PRIMARY KEY,
                document text,
                pending text,
                applies_at bigint,
                override_all boolean NOT NULL DEFAULT false
            ) WITH (fillfactor = 70)
            """,
            // For each connection the number of its last transaction that was committed.
            """
            CREATE TABLE d360_webhook.writer (
                id bigint PRIMARY KEY,
                transactions bigint NOT NULL,
                used_at bigint NOT NULL
            ) WITH (fillfactor = 20)
            """,
        ]
    ]
}
