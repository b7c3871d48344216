import PostgreSQLStorage
import Support
import Synchronization
import Testing
import WebhookModel

@Suite("Several storages on one database")
struct RaceTests {
    let database: TestDatabase
    let services: [DatabaseService]

    init() throws {
        database = try TestDatabase()
        let url = database.url
        services = try (0..<2).map { _ in try DatabaseService(url) { $0.maxDestinations = 20 } }
    }

    /// Runs `body` on 8 threads of each storage.
    private func race(_ body: @escaping @Sendable (DatabaseService, _ number: Int) -> Void) {
        let threads = services.enumerated().flatMap { index, service in
            (0..<8).map { number in thread { body(service, index * 8 + number) } }
        }
        for thread in threads { thread.wait() }
    }

    @Test func appendsKeepTheMaximumAndNamesUniqueAndExactlyWhatWasAcknowledgedIsThere() throws {
        try services[0].register("1")
        try services[0].enable()
        let acknowledged = Collected<String>()
        race { service, number in
            for turn in 0..<12 {
                // Each name is wanted by two threads.
                let name = "\(number / 2)-\(turn)"
                do throws(Failure) {
                    try service.append(name)
                    acknowledged.add(name)
                } catch {
                    #expect([.conflict, .limitExceeded].contains(error.status), "\(error)")
                }
                if turn % 3 == 2, (try? service.perform(.multiWebhookDelete(ExactString(name)))) != nil {
                    acknowledged.remove(name)
                }
            }
        }
        let names = try services[0].names()
        #expect(names.count == Set(names).count)
        #expect(names.count <= 20)
        #expect(names.sorted() == acknowledged.all.sorted())
    }

    @Test func anIDAndAKeyThatManyRegisterAtOnceBecomeOneChannel() throws {
        let outcomes = Collected<String>()
        race { service, number in
            for turn in 0..<10 {
                // Pairs want one id with one key; the others want that key for another id.
                let id = number % 4 == 3 ? "other\(number)-\(turn)" : "\(turn)"
                do throws(Failure) {
                    try service.register(
                        json: #"{"phone_number_id":"\#(id)","waba_id":\#(77 + number % 2),"api_key":"key\#(turn)"}"#)
                    outcomes.add("\(turn) \(id)")
                } catch {
                    #expect(error.status == .conflict, "\(error)")
                    #expect(error.path == "/api_key")
                }
            }
        }
        let listed = try database.session().run("SELECT phone_number_id FROM d360_webhook.channel")
        #expect(listed.count == 10)
        let owners = Set(outcomes.all)
        #expect(owners.count == 10)
        #expect(Set(listed) == Set(owners.compactMap { $0.split(separator: " ").last.map(String.init) }))
    }

    /// Every kind of write to the same few channels and WABAs; a deadlock would show in the server's count of them.
    @Test func writesOfAllKindsAtOnceAllEndWell() throws {
        let ids = (0..<6).map(String.init)
        for id in ids { try services[0].register(id, waba: 77 + (Int(id) ?? 0) % 3) }
        race { service, number in
            for turn in 0..<25 {
                let id = ids[(number * 7 + turn) % ids.count]
                do throws(Failure) {
                    switch (number + turn) % 6 {
                    case 0: try service.setWABAWebhook(overrideAll: true, id)
                    case 1: try service.setCustomerWebhook("https://own.example.com/\(turn)", id)
                    case 2: try service.register(json: #"{"phone_number_id":"\#(id)","waba_id":\#(77 + turn % 3)}"#)
                    case 3: try service.enable(id)
                    case 4: try service.setWABAWebhook("https://w.example.com/\(turn)", id)
                    default:
                        if turn % 5 == 0 { try service.remove(id) } else { try service.register(id, waba: 77 + turn % 3) }
                    }
                } catch {
                    #expect([.unauthorized, .notFound, .invalidRequest].contains(error.status), "\(error)")
                }
            }
        }
        for service in services { service.close() }
        let session = try database.session()
        while try session.run("SELECT count(*) FROM \(Session.others)") != ["0"] { sleep(milliseconds: 10) }
        #expect(try session.run("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == ["0"])
        let orphans = try session.run(
            "SELECT waba_id FROM d360_webhook.waba_webhook EXCEPT SELECT waba_id FROM d360_webhook.channel")
        #expect(orphans.isEmpty)
    }
}

/// Collects what threads add.
final class Collected<Element: Sendable & Equatable>: Sendable {
    private let elements = Locked<[Element]>([])

    var all: [Element] { elements.withLock { $0 } }
    func add(_ element: Element) { elements.withLock { $0.append(element) } }

    func remove(_ element: Element) {
        elements.withLock { if let index = $0.firstIndex(of: element) { $0.remove(at: index) } }
    }
}
