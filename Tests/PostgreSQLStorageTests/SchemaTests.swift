import Foundation
import PostgreSQLStorage
import Support
import Synchronization
import Testing
import WebhookModel

@Suite("The schema")
struct SchemaTests {
    let database: TestDatabase

    init() throws { database = try TestDatabase() }

    private func opened(role: String? = nil) throws -> DatabaseService { try DatabaseService(database.url(role: role)) }

    @Test func aNewerVersionIsRejectedAndLeftUntouched() throws {
        _ = try opened()
        let session = try database.session()
        try session.run("UPDATE d360_webhook.schema_version SET version = version + 1")
        try session.run("INSERT INTO d360_webhook.writer VALUES (1, 1, 0)")
        let before = try session.schema()
        let rejected = #expect(throws: Failure.self) { try opened() }
        #expect(rejected?.status == .storageError)
        #expect(rejected?.message.contains("newer version") == true)
        #expect(try session.schema() == before)
        #expect(try session.run("SELECT id FROM d360_webhook.writer") == ["1"])
    }

    @Test func connectionsThatAreMadeAfterAnotherProgramMigratedAreRejected() throws {
        let service = try opened()
        try database.session().run("UPDATE d360_webhook.schema_version SET version = version + 1")
        let rejected = #expect(throws: Failure.self) { try service.register("1") }
        #expect(rejected?.message.contains("newer version") == true)
    }

    @Test(arguments: [
        "CREATE TABLE d360_webhook.channel (x int)", "CREATE TABLE d360_webhook.schema_version (version bigint)",
        "CREATE FUNCTION d360_webhook.f() RETURNS int LANGUAGE sql RETURN 1", "CREATE TYPE d360_webhook.t AS ENUM ('x')",
    ])
    func aSchemaOfAnotherProgramIsRejectedAndLeftUntouched(_ content: String) throws {
        let session = try database.session()
        try session.run("CREATE SCHEMA d360_webhook")
        try session.run(content)
        let before = try session.schema()
        let rejected = #expect(throws: Failure.self) { try opened() }
        #expect(rejected?.status == .storageError)
        #expect(rejected?.message.contains("another program") == true)
        #expect(try session.schema() == before)
    }

    @Test func sixteenThatOpenAnEmptyDatabaseAtOnceAllCanUseIt() throws {
        let url = database.url
        let threads = (0..<16).map { number in
            thread { #expect(throws: Never.self) { try DatabaseService(url, connections: 1).register("\(number)") } }
        }
        for thread in threads { thread.wait() }
        #expect(try database.session().run("SELECT count(*) FROM d360_webhook.channel") == ["16"])
    }

    @Test func theSearchPathIsNeitherUsedNorChanged() throws {
        let session = try database.session()
        try session.run("CREATE SCHEMA trap; CREATE TABLE trap.channel (key_digest bytea)")
        try session.run("ALTER DATABASE \(database.name) SET search_path = trap")
        let service = try opened()
        try service.register("1")
        try service.enable()
        try service.append("crm")
        #expect(try service.names() == ["crm"])
        #expect(try database.session().run("SHOW search_path") == ["trap"])
        #expect(try database.session().run("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == ["0"])
    }

    @Test func aRoleThatMayNotCreateCanUseASchemaThatIsReady() throws {
        let role = "r" + database.name
        let session = try database.session()
        try session.run("CREATE ROLE \(role) LOGIN")
        defer { _ = try? session.run("DROP OWNED BY \(role); DROP ROLE \(role)") }
        let rejected = #expect(throws: Failure.self) { try opened(role: role) }
        #expect(rejected?.message.contains("grant") == true)
        #expect(try session.schema() == [])
        _ = try opened()
        try session.run(
            """
            GRANT USAGE ON SCHEMA d360_webhook TO \(role);
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA d360_webhook TO \(role)
            """)
        let service = try opened(role: role)
        try service.register("1")
        try service.enable()
        try service.append("crm")
        try service.setWABAWebhook(overrideAll: true)
        #expect(try service.names() == ["crm"])
    }

    @Test func aRoleThatMayOnlyCreateInItsSchemaFillsAnEmptyOne() throws {
        let role = "r" + database.name
        let session = try database.session()
        try session.run("CREATE ROLE \(role) LOGIN; CREATE SCHEMA d360_webhook AUTHORIZATION \(role)")
        let service = try opened(role: role)
        try service.register("1")
        #expect(try service.names() == [])
        try session.run("DROP OWNED BY \(role); DROP ROLE \(role)")
    }

    @Test func aDatabaseThatIsNotInUTF8IsRejected() throws {
        let other = try TestDatabase("ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
        let rejected = #expect(throws: Failure.self) { try DatabaseService(other.url) }
        #expect(rejected?.message.contains("LATIN1") == true)
        #expect(try other.session().schema() == [])
    }

    @Test func aReadingIsAnsweredFromAnIndexHoweverTheTablesGrew() throws {
        let service = try opened()
        try service.register("1")
        #expect(try service.names() == [])
        let session = try database.session()
        try session.run("SET enable_seqscan = off")
        let plan = try session.run("EXPLAIN SELECT multi_webhook FROM d360_webhook.channel WHERE key_digest = 'x'")
        #expect(plan.first?.contains("Index Scan using channel_key_digest_key") == true)
    }

    @Test func documentsAreReplacedWithoutANewEntryInAnyIndex() throws {
        let service = try opened()
        for id in 0..<100 {
            try service.register("\(id)")
            try service.enable("\(id)")
        }
        for id in 0..<100 { try service.append("crm", to: "\(id)") }
        service.close()
        let session = try database.session()
        let updates = "pg_stat_user_tables WHERE schemaname = 'd360_webhook' AND relname = 'channel'"
        for _ in 0..<500 where try session.run("SELECT n_tup_upd FROM \(updates)") != ["200"] { sleep(milliseconds: 10) }
        // All of them, but for those made while somebody's snapshot, autovacuum's for one, keeps the pages full.
        #expect(try session.run("SELECT n_tup_upd, n_tup_hot_upd > 100 FROM \(updates)") == ["200|t"])
    }
}
