import CSQLite
import Support

/// The tables of the database by version. A file says in its header that it is ours and which version it has.
struct Schema {
    /// "d360", in the header of every file of this library.
    static let applicationID: Int64 = 0x6433_3630

    /// The statements that lead from each version to the next, the last of which sets the new version.
    let steps: [[StaticString]]

    var version: Int64 { Int64(steps.count) }

    /// Makes an empty database ours, brings an older one up to date, leaves a current one; throws for others.
    func prepare(_ connection: Connection) throws(Failure) {
        if try installedVersion(connection) == version { return }
        try connection.transaction { () throws(Failure) in
            // Another process may have been first.
            for step in steps.dropFirst(Int(try installedVersion(connection))) {
                for statement in step { try connection.execute(statement) }
            }
        }
    }

    /// The version of the database, 0 if it is empty. Throws if this version cannot be made of it.
    @discardableResult
    func installedVersion(_ connection: Connection) throws(Failure) -> Int64 {
        // The tables are read first: another process may make the database ours between the statements.
        let isEmpty = try connection.first("SELECT 1 FROM sqlite_schema LIMIT 1", read: { _ in true }) == nil
        let application = try connection.first("PRAGMA application_id") { $0.integer(0) } ?? nil
        let found = try connection.first("PRAGMA user_version") { $0.integer(0) ?? 0 } ?? 0
        guard application == Self.applicationID else {
            if application == 0 && isEmpty { return 0 }
            throw .storage("\(connection.place) belongs to another program and was not changed: name another file")
        }
        guard found <= version else { throw Self.newer(connection.place) }
        guard found > 0 else {
            throw .storage("\(connection.place) has no valid schema version (\(found)): restore it from a backup")
        }
        return found
    }

    static func newer(_ place: String) -> Failure {
        .storage("\(place) was made by a newer version of this library and was not changed: install that version")
    }
}

extension Schema {
    static let current = Schema(steps: [
        [
            // In the order of registration.
            """
            CREATE TABLE channel (
                id INTEGER PRIMARY KEY,
                phone_number_id TEXT NOT NULL UNIQUE,
                phone_number TEXT,
                waba_id INTEGER NOT NULL,
                key_digest BLOB NOT NULL UNIQUE,
                customer_webhook TEXT,
                customer_headers TEXT
            ) STRICT
            """,
            "CREATE INDEX channel_by_waba ON channel (waba_id)",
            // The newest document of a channel, against which every write is checked. shows_at is 0 for: at once. It is found by
            // its key in one search, where a search for the channel first would double the pages read: among a million
            // channels each is a read from the disk's cache. key_prefix is the digest's beginning.
            """
            CREATE TABLE multi_webhook (
                key_prefix INTEGER PRIMARY KEY,
                key_digest BLOB NOT NULL,
                document TEXT NOT NULL,
                shows_at INTEGER NOT NULL
            ) STRICT
            """,
            // Documents before the newest, in the order of their writing, that readings show until a later one is due.
            """
            CREATE TABLE earlier_multi_webhook (
                id INTEGER PRIMARY KEY,
                channel INTEGER NOT NULL,
                document TEXT NOT NULL,
                shows_at INTEGER NOT NULL
            ) STRICT
            """,
            "CREATE INDEX earlier_multi_webhook_by_channel ON earlier_multi_webhook (channel)",
            // pending takes the place of document from applies_at on. override_all belongs to pending.
            """
            CREATE TABLE waba_webhook (
                waba_id INTEGER PRIMARY KEY,
                document TEXT,
                pending TEXT,
                applies_at INTEGER,
                override_all INTEGER NOT NULL DEFAULT 0
            ) STRICT
            """,
            "PRAGMA application_id = 1681077808",
            "PRAGMA user_version = 1",
        ]
    ])
}
