import PostgreSQLStorage
import Support
import Testing

@Suite("URLs of PostgreSQL")
struct AddressTests {
    private func rejection(_ url: String) throws -> Failure {
        let rejected = #expect(throws: Failure.self) { try PostgreSQLStorage(url, connections: 1) }
        return try #require(rejected)
    }

    @Test(arguments: [
        "", "sqlite::memory:", "host=/tmp password=sesame", "postgresql:user:sesame@host/db", "postgresql://user:sesame@[::1/db",
        "postgresql://user:sesame@host/db?nonsense=sesame", "postgresql://user:sesame@host/db?sesame",
        "postgresql://user:ses%ame@host/db", "postgresql://user:a@sesame@host/db", "postgresql://user:12/sesame@host/db",
        "postgresql://user:sesame/x@host/db", "postgresql://user:sesame/x", "postgresql://user@host:sesame/db",
        "postgresql://user:sesame@host/db\0",
    ])
    func oneThatCannotBeUsedIsNotRepeated(_ url: String) throws {
        let rejected = try rejection(url)
        #expect(rejected.status == .invalidArgument)
        #expect(!rejected.message.contains("ame"))
        #expect(!rejected.retryable)
    }

    @Test(arguments: ["sesame-open", "x%40y%2Fz"])
    func aWrongPasswordIsRejectedAtOnceAndNotRepeated(_ password: String) throws {
        let database = try TestDatabase()
        let session = try database.session()
        try session.run(
            """
            DO $$ BEGIN CREATE ROLE guarded LOGIN PASSWORD 'right';
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
            GRANT CREATE ON DATABASE \(database.name) TO guarded
            """)
        let rejected = try rejection("postgresql://guarded:\(password)@/\(database.name)?host=\(database.folder)")
        #expect(rejected.status == .storageError)
        #expect(rejected.message.contains("password"))
        for text in ["sesame", "x@y", "x%40y"] { #expect(!rejected.message.contains(text)) }
        #expect(!rejected.retryable)
        let missing = try rejection("postgresql://guarded@/\(database.name)?host=\(database.folder)")
        #expect(missing.message.contains("wants a password"))
        _ = try PostgreSQLStorage("postgresql://guarded:right@/\(database.name)?host=\(database.folder)", connections: 1)
    }

    @Test func aDatabaseThatDoesNotExistIsSaidToBeMissing() throws {
        let database = try TestDatabase()
        let rejected = try rejection(database.url.replacing(database.name, with: "no_such_database"))
        #expect(rejected.message.contains("create it"))
    }

    @Test func aServerThatIsNotThereIsTriedForSomeSeconds() throws {
        let rejected = try rejection("postgresql://user:sesame@127.0.0.1:1/db")
        #expect(rejected.status == .storageError)
        #expect(rejected.retryable)
        #expect(rejected.message.contains("cannot be reached"))
        #expect(!rejected.message.contains("sesame"))
    }

    @Test func optionsOfTheURLHoldBesideOurs() throws {
        let database = try TestDatabase()
        let url = database.url + "&application_name=ours&options=-c%20work_mem%3D9MB&target_session_attrs=read-write"
        let service = try DatabaseService(url)
        try service.register("1")
        let sessions = try database.session().run(
            "SELECT application_name FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        #expect(sessions.contains("ours"))
    }

    @Test func whatIsAcknowledgedIsDurableWhateverTheServersDefault() throws {
        let database = try TestDatabase()
        try database.session().run("ALTER DATABASE \(database.name) SET synchronous_commit = off")
        let service = try DatabaseService(database.url, connections: 1)
        try service.register("1")
        // The setting is the session's own; a trigger of another session's making sees it.
        try database.session().run(
            """
            CREATE TABLE public.seen (setting text);
            CREATE FUNCTION public.look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO public.seen VALUES (current_setting('synchronous_commit')); RETURN NEW;
            END $$;
            CREATE TRIGGER look AFTER UPDATE ON d360_webhook.channel FOR EACH ROW EXECUTE FUNCTION public.look()
            """)
        try service.enable()
        #expect(try database.session().run("SELECT setting FROM public.seen") == ["on"])
    }
}
