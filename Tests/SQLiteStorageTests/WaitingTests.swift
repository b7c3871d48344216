import EmbeddedService
import Foundation
import SQLiteStorage
import Support
import Testing
import WebhookModel

@Suite("Waiting for others")
struct WaitingTests {
    let folder: TemporaryFolder
    let service: FileService

    init() throws {
        folder = try TemporaryFolder()
        service = try FileService(folder.file())
        try service.register("1")
        try service.enable()
    }

    /// Runs `body` on a thread of its own.
    private func thread(_ body: @escaping @Sendable () -> Void) -> DispatchGroup {
        let group = DispatchGroup()
        group.enter()
        Thread.detachNewThread {
            body()
            group.leave()
        }
        return group
    }

    @Test func aWriteWaitsForAnotherProcessAndReadersDoNot() throws {
        let other = try OtherProgram(folder.file())
        other.run("BEGIN IMMEDIATE; UPDATE channel SET phone_number = 'x'")
        let service = service
        let writer = thread { #expect(throws: Never.self) { try service.append("crm") } }
        #expect(try service.names() == [])
        Thread.sleep(forTimeInterval: 0.3)
        other.run("COMMIT")
        writer.wait()
        #expect(try service.names() == ["crm"])
    }

    @Test func aFileThatStaysLockedIsGivenUpAfterTenSeconds() throws {
        let other = try OtherProgram(folder.file())
        other.run("BEGIN IMMEDIATE")
        let begin = Clock.monotonic
        let rejected = #expect(throws: Failure.self) { try service.append("crm") }
        let waited = Clock.monotonic - begin
        #expect((9_900...11_000).contains(waited.milliseconds), "\(waited)")
        #expect(rejected?.status == .storageError)
        #expect(rejected?.retryable == true)
        #expect(rejected?.outcome == .notApplied)
        #expect(rejected?.attempts == 1)
        #expect(rejected?.message.contains("locked") == true)
        other.run("ROLLBACK")
        try service.append("crm")
        #expect(try service.names() == ["crm"])
    }

    @Test(arguments: [Holder.anotherProcess, .anotherThread])
    func theDeadlineOfTheCallEndsTheWait(_ holder: Holder) throws {
        let storage = try SQLiteStorage(.file(folder.file()))
        let waiting = FileService(storage)
        let other = try OtherProgram(folder.file())
        other.run("BEGIN IMMEDIATE")
        let service = holder == .anotherThread ? waiting : self.service
        let first = thread { _ = #expect(throws: Failure.self) { try service.append("crm", call: Self.call(.seconds(2))) } }
        Thread.sleep(forTimeInterval: 0.2)
        let begin = Clock.monotonic
        let rejected = #expect(throws: Failure.self) { try waiting.append("crm", call: Self.call(.milliseconds(300))) }
        let waited = Clock.monotonic - begin
        #expect((290...1_000).contains(waited.milliseconds), "\(waited)")
        #expect(rejected?.status == .storageError)
        #expect(rejected?.retryable == true)
        first.wait()
        other.run("ROLLBACK")
        #expect(try waiting.names() == [])
    }

    enum Holder: Sendable { case anotherProcess, anotherThread }

    private static func call(_ span: Duration) -> Call {
        Call(settings: CallSettings(), deadline: Deadline(in: span), cancellation: Cancellation().token, log: Log())
    }

    @Test func cancelEndsTheWaitForAnotherProcess() throws {
        let other = try OtherProgram(folder.file())
        other.run("BEGIN IMMEDIATE")
        try expectCancel()
        other.run("ROLLBACK")
        #expect(try service.names() == [])
        try service.append("crm")
    }

    @Test func cancelEndsTheWaitForAnotherThread() throws {
        let storage = try SQLiteStorage(.file(folder.file()))
        let waiting = FileService(storage)
        let digest = try KeyDigest(APIKey("key1"))
        let entered = DispatchSemaphore(value: 0)
        let release = DispatchSemaphore(value: 0)
        let holder = thread {
            try? storage.changeMultiWebhook(of: digest, delay: .zero, call: FileService.call()) { _ in
                entered.signal()
                release.wait()
                return nil
            }
        }
        entered.wait()
        try expectCancel(waiting)
        release.signal()
        holder.wait()
        try waiting.append("crm")
    }

    private func expectCancel(_ service: FileService? = nil) throws {
        let service = service ?? self.service
        let cancellation = Cancellation()
        let call = FileService.call(cancellation)
        let writer = thread {
            let rejected = #expect(throws: Failure.self) { try service.append("crm", call: call) }
            #expect(rejected?.status == .cancelled)
            #expect(rejected?.outcome == .notApplied)
        }
        Thread.sleep(forTimeInterval: 0.2)
        let begin = Clock.monotonic
        cancellation.cancel()
        writer.wait()
        let waited = Clock.monotonic - begin
        #expect(waited <= .milliseconds(100), "\(waited)")
    }

    @Test func sixteenThreadsThatWriteAllGetTheirTurn() throws {
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
        let names = try service.names()
        #expect(Set(names).count == 16 * 12)
        for number in 0..<16 {
            #expect(names.filter { $0.hasPrefix("\(number)-") } == (0..<12).map { "\(number)-\($0)" })
        }
    }

    @Test func severalStoragesThatWriteAtOnceLoseNothing() throws {
        let path = folder.file()
        let threads = (0..<4).map { number in
            thread {
                #expect(throws: Never.self) {
                    let own = try FileService(path)
                    for turn in 0..<25 { try own.append("\(number)-\(turn)") }
                }
            }
        }
        for thread in threads { thread.wait() }
        #expect(try service.names().count == 100)
    }

    @Test func manyThreadsShareTheDatabaseInMemory() throws {
        let memory = FileService(try SQLiteStorage(.memory))
        try memory.register("1")
        try memory.enable()
        let threads = (0..<8).map { number in
            thread {
                for turn in 0..<25 {
                    #expect(throws: Never.self) { try memory.append("\(number)-\(turn)") }
                    #expect(throws: Never.self) { _ = try memory.names() }
                }
            }
        }
        for thread in threads { thread.wait() }
        #expect(try memory.names().count == 200)
    }
}

extension FileService {
    init(_ storage: SQLiteStorage) {
        var options = EmbeddedOptions()
        options.maxDestinations = 1_000
        service = EmbeddedService(storage, options: options)
    }
}
