extension DatabaseSchema {
    /// What makes each version of the one before it. Never changed once it was released: a new version is one more.
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
            // In the order of registration. multi_webhook is the newest document, which every writing is judged by, and
            // which is shown from multi_webhook_shows_at on; 0 is at once. customer_headers: no reading shows them.
            // Pages have room for the next version of a row, so that no index changes with a document.
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
            // Connections, each with the number of its last transaction that was committed.
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
