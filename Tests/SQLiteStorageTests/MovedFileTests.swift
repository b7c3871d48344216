import Foundation
import SQLiteStorage
import Support
import Testing
import WebhookModel

/// Other code of the process and other programs do something with the file while it is open.
@Suite("A file that others touch")
struct MovedFileTests {
    let folder: TemporaryFolder
    let service: FileService

    init() throws {
        folder = try TemporaryFolder()
        service = try FileService(folder.file())
        try service.register("1")
        try service.enable()
    }

    enum Removal: CaseIterable, Sendable {
        case deleted, renamed, replaced, logDeleted

        func run(_ folder: TemporaryFolder) throws {
            let files = FileManager.default
            switch self {
            case .deleted: try files.removeItem(atPath: folder.file())
            case .renamed: try files.moveItem(atPath: folder.file(), toPath: folder.file("old.db"))
            case .replaced:
                do { try FileService(folder.file("new.db")).register("1") }
                #expect(rename(folder.file("new.db"), folder.file()) == 0)
            case .logDeleted: try files.removeItem(atPath: folder.file("webhooks.db-wal"))
            }
        }
    }

    @Test(arguments: Removal.allCases)
    func aWriteIsRejectedOnceTheFileIsNotInPlace(_ removal: Removal) throws {
        try removal.run(folder)
        for _ in 1...2 {
            let rejected = #expect(throws: Failure.self) { try service.append("crm") }
            #expect(rejected?.status == .storageError)
            #expect(rejected?.outcome == .notApplied)
            #expect(rejected?.message.contains("the database file was moved or deleted") == true)
        }
        #expect(try service.names() == [])
    }

    @Test func aFileThatIsBackInPlaceIsUsedAgain() throws {
        try Removal.renamed.run(folder)
        #expect(throws: Failure.self) { try service.append("crm") }
        #expect(rename(folder.file("old.db"), folder.file()) == 0)
        try service.append("crm")
        #expect(try FileService(folder.file()).names() == ["crm"])
    }

    @Test func theLogOfAFileThatWasMovedDoesNotGetIntoTheFileInItsPlace() throws {
        let (path, old, new) = (folder.file("own.db"), folder.file("old.db"), folder.file("new.db"))
        do {
            let own = try FileService(path)
            for other in [own, try FileService(new)] {
                try other.register("1")
                try other.enable()
            }
            try own.append("crm")
            #expect(rename(path, old) == 0)
            #expect(rename(new, path) == 0)
        }
        #expect(try FileService(old).names() == ["crm"])
        #expect(try FileService(path).names() == [])
    }

    /// Closing any descriptor of the file drops the locks of this process.
    private func dropLocks() throws { _ = try Data(contentsOf: URL(fileURLWithPath: folder.file())) }

    @Test func aWriteIsNotLostAfterTheLocksWereDroppedAndAnotherProcessClosedTheFile() throws {
        for round in 1...10 {
            try dropLocks()
            #expect(try Self.sqlite(folder.file(), "SELECT count(*) FROM channel") == "1")
            try service.append("crm\(round)")
            let shown = try Self.sqlite(folder.file(), "SELECT document FROM multi_webhook")
            #expect(shown.contains("\"crm\(round)\""))
        }
    }

    @Test func theLastConnectionDeletesTheLog() throws {
        let path = folder.file("other.db")
        do {
            let one = try FileService(path)
            let two = try FileService(path)
            try one.register("1")
            try two.enable()
        }
        #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
    }

    /// Runs SQL in a process of its own, by Python's SQLite.
    private static func sqlite(_ path: String, _ sql: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [
            "-c", "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); print(c.execute(sys.argv[2]).fetchone()[0]); c.close()",
            path, sql,
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text.trimmingCharacters(in: .newlines)
    }
}
