import CSQLite
import Support
import WebhookModel

/// What is in the database, and how to tell that it is ours.
enum Schema {
    /// "d360", in the header of every file of this library.
    static let applicationID: Int64 = 0x6433_3630
    static let version: Int64 = 1

    enum Kind { case empty, ours, foreign, newer }

    /// Whose database it is. What is in it is looked at first: another process may make it ours between the statements.
    static func kind(of connection: Connection) throws(Failure) -> Kind {
        let isEmpty = try connection.first("SELECT 1 FROM sqlite_schema LIMIT 1", read: { _ in true }) == nil
        let application = try connection.first("PRAGMA application_id") { $0.integer(0) } ?? nil
        let version = try connection.first("PRAGMA user_version") { $0.integer(0) } ?? nil
        guard application == applicationID else { return application == 0 && isEmpty ? .empty : .foreign }
        return version == Self.version ? .ours : .newer
    }

    /// Makes an empty database ours; leaves one that is; throws for others.
    static func prepare(_ connection: Connection) throws(Failure) {
        if try check(connection) == .ours { return }
        try connection.transaction { () throws(Failure) in
            // Another process may have been first.
            if try check(connection) == .ours { return }
            try create(connection)
            try connection.run("PRAGMA application_id = 1681077808")
            try connection.run("PRAGMA user_version = 1")
        }
    }

    /// Throws unless it is empty or ours.
    @discardableResult
    static func check(_ connection: Connection) throws(Failure) -> Kind {
        let kind = try kind(of: connection)
        switch kind {
        case .empty, .ours: return kind
        case .foreign:
            throw .storage("\(connection.place) belongs to another program and was left defaultDocument: name another file")
        case .newer:
            throw newer(connection.place)
        }
    }

    static func newer(_ place: String) -> Failure {
        .storage("\(place) was made by a newer version of this library and was left defaultDocument")
    }

    private static func create(_ connection: Connection) throws(Failure) {
        // In the order of registration. headers of the customer webhook: no reading shows them.
        try connection.run(
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
            """)
        try connection.run("CREATE INDEX channel_by_waba ON channel (waba_id)")
        // The newest document of a channel, which every writing is judged by. shows_at is 0 for: at once. It is found by
        // its key in one search, where a search for the channel first would double the pages read: among a million
        // channels each is a read from the disk's cache. key_prefix is the digest's beginning.
        try connection.run(
            """
            CREATE TABLE multi_webhook (
                key_prefix INTEGER PRIMARY KEY,
                key_digest BLOB NOT NULL,
                document TEXT NOT NULL,
                shows_at INTEGER NOT NULL
            ) STRICT
            """)
        // Documents before the newest, in the order of their writing, that readings show until a later one is due.
        try connection.run(
            """
            CREATE TABLE earlier_multi_webhook (
                id INTEGER PRIMARY KEY,
                channel INTEGER NOT NULL,
                document TEXT NOT NULL,
                shows_at INTEGER NOT NULL
            ) STRICT
            """)
        try connection.run("CREATE INDEX earlier_multi_webhook_by_channel ON earlier_multi_webhook (channel)")
        // pending takes the place of document from applies_at on. override_all belongs to pending.
        try connection.run(
            """
            CREATE TABLE waba_webhook (
                waba_id INTEGER PRIMARY KEY,
                document TEXT,
                pending TEXT,
                applies_at INTEGER,
                override_all INTEGER NOT NULL DEFAULT 0
            ) STRICT
            """)
    }
}
