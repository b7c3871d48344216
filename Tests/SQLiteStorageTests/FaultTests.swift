import EmbeddedService
import Foundation
import SQLiteStorage
import Support
import Testing
import WebhookModel

/// Whichever write to the disk fails, an operation has happened as a whole or not at all.
@Suite("Disks that fail", .serialized)
struct FaultTests {
    static let channels = (1...40).map(String.init)

    /// Writings of several rows on several pages.
    enum Writing: CaseIterable, Sendable {
        case overrideAll, append, remove, move, customerWebhook

        func run(_ service: FileService) throws(Failure) {
            switch self {
            case .overrideAll:
                try service.perform(.wabaWebhookSet(Webhook(url: "https://w.example.com"), overrideAll: true), "2")
            case .append: try service.append("audit", "billing", to: "7")
            case .remove: _ = try service.service.removeChannel("7", call: FileService.call())
            case .move: try service.register("7", waba: 78)
            case .customerWebhook: try service.perform(.customerWebhookSet(Webhook(url: "https://new.example.com")), "7")
            }
        }
    }

    private static func opened(_ folder: TemporaryFolder) throws(Failure) -> FileService {
        try FileService(folder.file()) { $0.multiApplyDelay = .milliseconds(1) }
    }

    /// A database with the destinations' pages and the channels' full of data.
    private static let template = Result {
        let folder = try TemporaryFolder()
        let service = try opened(folder)
        for channel in channels {
            try service.register(channel)
            try service.enable(channel)
            try service.append("crm", to: channel)
            let padding = String(repeating: "x", count: 400)
            try service.perform(.customerWebhookSet(Webhook(url: ExactString("https://own.example.com/\(padding)"))), channel)
        }
        Thread.sleep(forTimeInterval: 0.01)
        return folder
    }

    @Test(arguments: Writing.allCases, FailingFileSystem.Fault.allCases)
    func aWritingIsAllOrNothingWhicheverCallFails(_ writing: Writing, _ fault: FailingFileSystem.Fault) throws {
        var failures = 0
        var nth = 1
        while true {
            let folder = try TemporaryFolder()
            try FileManager.default.copyItem(atPath: Self.template.get().file(), toPath: folder.file())
            // The file system must be there before the connections.
            _ = FailingFileSystem.failing(0, fault) {}
            let service = try Self.opened(folder)
            let before = try service.state(Self.channels)
            var failure: Failure?
            let wasReached = FailingFileSystem.failing(nth, fault) {
                do throws(Failure) { try writing.run(service) } catch { failure = error }
            }
            Thread.sleep(forTimeInterval: 0.005)
            let seen = try service.state(Self.channels)
            let seenByOthers = try FileService(folder.file()).state(Self.channels)
            #expect(seenByOthers == seen)
            guard wasReached else {
                #expect(failure == nil)
                #expect(seen != before)
                break
            }
            if let failure {
                failures += 1
                #expect(failure.status == .storageError)
                #expect(failure.attempts == 1)
                #expect(failure.outcome == (fault == .syncFails ? .unknown : .notApplied))
                #expect(seen == before)
            } else {
                #expect(seen != before)
            }
            // The storage goes on.
            if failure != nil { try writing.run(service) }
            nth += 1
        }
        #expect(failures > 0)
    }
}
