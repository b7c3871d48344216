import PostgreSQLStorage
import Support
import Synchronization
import Testing
import WebhookModel

@Suite("Lost connections")
struct LossTests {
    let database: TestDatabase

    init() throws { database = try TestDatabase() }

    @Test func aConnectionThatWasLostWhileNobodyUsedItIsReplaced() throws {
        let service = try DatabaseService(database.url)
        try service.register("1")
        let session = try database.session()
        try session.terminateOthers()
        #expect(try service.names() == [])
        try session.terminateOthers()
        try service.enable()
        try session.terminateOthers()
        try service.append("crm")
        #expect(try service.names() == ["crm"])
    }

    @Test(arguments: Proxy.Loss.allCases)
    func aCommitWhoseAnswerIsLostIsDoneExactlyOnce(_ loss: Proxy.Loss) throws {
        let proxy = try Proxy(to: database.folder, losing: loss)
        defer { proxy.close() }
        let direct = try DatabaseService(database.url)
        try direct.register("1")
        try direct.enable()
        let service = try DatabaseService(database.url(folder: proxy.folder), connections: 1)
        proxy.arm()
        // A second append of the name would be rejected.
        try service.append("crm")
        #expect(proxy.hasLost)
        #expect(try direct.names() == ["crm"])
        sleep(milliseconds: 700)
        #expect(try direct.names() == ["crm"])
        try service.append("audit")
        #expect(try direct.names() == ["crm", "audit"])
    }

    private static func delayCommits(by seconds: Double, _ session: Session) throws {
        try session.run(
            """
            CREATE FUNCTION public.wait() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN PERFORM pg_sleep(\(seconds)); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER wait AFTER UPDATE ON d360_webhook.channel DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION public.wait()
            """)
    }

    @Test func aCommitThatNobodyCanSettleIsOfUnknownOutcome() throws {
        let proxy = try Proxy(to: database.folder, losing: .afterTheServer)
        let service = try DatabaseService(database.url(folder: proxy.folder), connections: 1)
        try service.register("1")
        let session = try database.session()
        try session.terminateOthers()
        // New connections fail from now on; the one connection was made before.
        #expect(try service.names() == [])
        try Self.delayCommits(by: 0.5, session)
        proxy.arm()
        let closing = thread {
            while !proxy.hasLost { sleep(milliseconds: 1) }
            proxy.close()
        }
        let call = DatabaseService.call(timeout: 1_500)
        let rejected = #expect(throws: Failure.self) {
            try service.perform(.multiWebhookSet(enabled: true, destinations: []), call: call)
        }
        closing.wait()
        #expect(rejected?.status == .storageError)
        #expect(rejected?.outcome == .unknown)
        #expect(rejected?.retryable == true)
    }

    @Test func aCommitThatTheTimeLimitEndsIsOfUnknownOutcome() throws {
        let service = try DatabaseService(database.url)
        try service.register("1")
        let session = try database.session()
        try Self.delayCommits(by: 1, session)
        let call = DatabaseService.call(timeout: 300)
        let rejected = #expect(throws: Failure.self) {
            try service.perform(.multiWebhookSet(enabled: true, destinations: []), call: call)
        }
        #expect(rejected?.status == .storageError)
        #expect(rejected?.outcome == .unknown)
    }

    @Test func allConnectionsEndedUnderLoadLoseNothingAndWriteNothingTwice() throws {
        let url = database.url
        let services = try (0..<2).map { _ in try DatabaseService(url) }
        for number in 0..<4 {
            try services[0].register("\(number)")
            try services[0].enable("\(number)")
        }
        let acknowledged = Collected<String>()
        let rejected = Collected<String>()
        let isOver = Flag()
        let killer = thread {
            guard let session = try? Session(url) else {
                Issue.record("no session")
                return
            }
            while !isOver.isSet {
                #expect(throws: Never.self) { try session.terminateOthers() }
                sleep(milliseconds: 150)
            }
        }
        let writers = services.enumerated().flatMap { index, service in
            (0..<4).map { number in
                thread {
                    for turn in 0..<60 {
                        let name = "\(index)-\(turn)"
                        do throws(Failure) {
                            try service.append(name, to: "\(number)")
                            acknowledged.add("\(number) \(name)")
                        } catch {
                            // Written twice, it would be a conflict.
                            #expect(error.status == .storageError, "\(error)")
                            if error.outcome == .notApplied { rejected.add("\(number) \(name)") }
                        }
                    }
                }
            }
        }
        for thread in writers { thread.wait() }
        isOver.set()
        killer.wait()
        var written: [String] = []
        for number in 0..<4 { written += try services[1].names("\(number)").map { "\(number) \($0)" } }
        #expect(Set(written).count == written.count)
        #expect(Set(acknowledged.all).isSubset(of: written))
        #expect(Set(rejected.all).isDisjoint(with: written))
        #expect(acknowledged.all.count > 400, "\(acknowledged.all.count)")
    }
}

final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
}
