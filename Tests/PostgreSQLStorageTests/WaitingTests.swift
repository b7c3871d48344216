import PostgreSQLStorage
import Support
import Testing
import WebhookModel

@Suite("Waiting for the database")
struct WaitingTests {
    let database: TestDatabase
    let service: DatabaseService

    init() throws {
        database = try TestDatabase()
        service = try DatabaseService(database.url, connections: 2)
        try service.register("1")
        try service.enable()
    }

    /// A session that has the channel's row until it commits.
    private func locking() throws -> Session {
        let other = try database.session()
        try other.run("BEGIN; SELECT id FROM d360_webhook.channel WHERE phone_number_id = '1' FOR UPDATE")
        return other
    }

    private func waitUntilBlocked(_ count: Int = 1) throws {
        let session = try database.session()
        for _ in 0..<500 {
            let waiting = try session.run(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
            if waiting == ["\(count)"] { return }
            sleep(milliseconds: 10)
        }
        Issue.record("nobody waits")
    }

    @Test func aWriteWaitsForARowThatIsLockedAndReadersDoNot() throws {
        let other = try locking()
        let service = service
        let writer = thread { #expect(throws: Never.self) { try service.append("crm") } }
        try waitUntilBlocked()
        #expect(try service.names() == [])
        try other.run("COMMIT")
        writer.wait()
        #expect(try service.names() == ["crm"])
    }

    @Test func cancelEndsTheWaitAndTheServersToo() throws {
        let other = try locking()
        let cancellation = Cancellation()
        let call = DatabaseService.call(cancellation)
        let service = service
        let writer = thread {
            let rejected = #expect(throws: Failure.self) { try service.append("crm", call: call) }
            #expect(rejected?.status == .cancelled)
            #expect(rejected?.outcome == .notApplied)
        }
        try waitUntilBlocked()
        let begin = Clock.monotonic.milliseconds
        cancellation.cancel()
        writer.wait()
        let waited = Clock.monotonic.milliseconds - begin
        #expect(waited <= 100, "\(waited) ms")
        // Nobody is left that would write once the row is free.
        try waitUntilBlocked(0)
        try other.run("COMMIT")
        #expect(try service.names() == [])
        try service.append("crm")
    }

    @Test func theTimeLimitEndsTheWait() throws {
        let other = try locking()
        let begin = Clock.monotonic.milliseconds
        let rejected = #expect(throws: Failure.self) { try service.append("crm", call: DatabaseService.call(timeout: 300)) }
        let waited = Clock.monotonic.milliseconds - begin
        #expect((300...800).contains(waited), "\(waited) ms")
        #expect(rejected?.status == .storageError)
        #expect(rejected?.retryable == true)
        #expect(rejected?.outcome == .notApplied)
        try other.run("COMMIT")
        try service.append("crm")
        #expect(try service.names() == ["crm"])
    }

    @Test func callsBeyondTheConnectionsWaitForTheirTurn() throws {
        let other = try locking()
        let service = service
        let writers = (0..<2).map { number in
            thread { #expect(throws: Never.self) { try service.append("\(number)") } }
        }
        try waitUntilBlocked(2)
        let late = #expect(throws: Failure.self) {
            try service.perform(.multiWebhookGet, call: DatabaseService.call(timeout: 200))
        }
        #expect(late?.status == .storageError)
        #expect(late?.retryable == true)
        #expect(late?.message.contains("in use") == true)
        let cancellation = Cancellation()
        let call = DatabaseService.call(cancellation)
        let cancelled = thread {
            let rejected = #expect(throws: Failure.self) { try service.perform(.multiWebhookGet, call: call) }
            #expect(rejected?.status == .cancelled)
        }
        sleep(milliseconds: 100)
        cancellation.cancel()
        cancelled.wait()
        let reader = thread { #expect(throws: Never.self) { _ = try service.names() } }
        try other.run("COMMIT")
        for thread in writers + [reader] { thread.wait() }
        #expect(try service.names().sorted() == ["0", "1"])
    }

    @Test func manyThreadsShareFewConnections() throws {
        let service = service
        let threads = (0..<16).map { number in
            thread {
                for turn in 0..<12 {
                    #expect(throws: Never.self) { try service.append("\(number)-\(turn)") }
                    #expect(throws: Never.self) { _ = try service.names() }
                }
            }
        }
        for thread in threads { thread.wait() }
        #expect(try service.names().count == 16 * 12)
        let others = try database.session().run(
            "SELECT count(*) <= 2 FROM \(Session.others)")
        #expect(others == ["t"])
    }

    @Test func aStorageThatIsClosedLeavesNoConnection() throws {
        let other = try TestDatabase()
        let storage = try PostgreSQLStorage(other.url, connections: 2)
        try DatabaseService(storage).register("1")
        storage.close()
        let session = try other.session()
        var left = ["1"]
        for _ in 0..<500 where left != ["0"] {
            left = try session.run(
                "SELECT count(*) FROM \(Session.others)")
            sleep(milliseconds: 10)
        }
        #expect(left == ["0"])
    }
}
