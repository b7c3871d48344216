import EmbeddedService
import Foundation
import JSON
import SQLiteStorage
import Support
import Testing
import WebhookModel

@Suite("The database file")
struct FileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func itAndItsLogAreForItsOwnerOnlyWhateverTheUmask() throws {
        let before = umask(0)
        defer { umask(before) }
        let service = try FileService(folder.file())
        try service.register("1")
        for name in ["webhooks.db", "webhooks.db-wal", "webhooks.db-shm"] { #expect(try folder.mode(name) == 0o600) }
    }

    @Test func anEmptyFileCountsAsNew() throws {
        try Data().write(to: URL(fileURLWithPath: folder.file()))
        #expect(chmod(folder.file(), 0o644) == 0)
        let service = try FileService(folder.file())
        try service.register("1")
        #expect(try folder.mode() == 0o600)
    }

    @Test func theModeOfAFileThatIsOursAlreadyIsLeft() throws {
        try FileService(folder.file()).register("1")
        #expect(chmod(folder.file(), 0o640) == 0)
        #expect(try FileService(folder.file()).names().isEmpty)
        #expect(try folder.mode() == 0o640)
    }

    @Test func whatWasWrittenIsThereWhenItIsOpenedAgain() throws {
        do {
            let service = try FileService(folder.file())
            try service.register("1")
            try service.enable()
            try service.append("crm")
        }
        #expect(try FileService(folder.file()).names() == ["crm"])
    }

    @Test func itCarriesOurApplicationIDAndVersion() throws {
        do { try FileService(folder.file()).register("1") }
        let header = try #require(try folder.contents()["webhooks.db"]).prefix(100)
        #expect(Array(header[68..<72]) == Array("d360".utf8))
        #expect(Array(header[60..<64]) == [0, 0, 0, 1])
    }

    @Test func noKeyIsInIt() throws {
        let service = try FileService(folder.file())
        try service.register("1")
        try service.enable()
        for (name, bytes) in try folder.contents() { #expect(bytes.range(of: Data("key1".utf8)) == nil, "\(name)") }
    }

    @Test(arguments: [":memory:", "file:x?mode=memory", "a%20b", "a b?immutable=1#c", "ü", "'\"", "-"])
    func itsNameIsTakenLiterally(_ name: String) throws {
        do { try FileService(folder.file(name)).register("1") }
        #expect(FileManager.default.fileExists(atPath: folder.file(name)))
        try FileService(folder.file(name)).enable()
    }

    /// The only test that goes by the working directory.
    @Test func aRelativePathStaysWhereItWasAtOpen() throws {
        let before = FileManager.default.currentDirectoryPath
        #expect(FileManager.default.changeCurrentDirectoryPath(folder.path))
        let opened = Result { try SQLiteStorage(.file(":memory:")) }
        #expect(FileManager.default.changeCurrentDirectoryPath(before))
        let storage = try opened.get()
        let service = FileService(storage)
        try service.register("1")
        // Another connection is made while the first is in use.
        let digest = try KeyDigest(APIKey("key1"))
        try storage.changeMultiWebhook(of: digest, delay: .zero, call: FileService.call()) { _ throws(Failure) in
            #expect(throws: Never.self) { try service.names() }
            return nil
        }
        #expect(FileManager.default.fileExists(atPath: folder.file(":memory:")))
        #expect(!FileManager.default.fileExists(atPath: before + "/:memory:"))
    }

    @Test func twoStoragesOnOneFileSeeEachOthersChanges() throws {
        let one = try FileService(folder.file())
        let other = try FileService(folder.file())
        try one.register("1")
        try other.enable()
        try one.append("crm")
        try other.append("audit")
        #expect(try one.names() == ["crm", "audit"])
        let rejected = #expect(throws: Failure.self) { try other.append("crm") }
        #expect(rejected?.status == .conflict)
    }

    @Test func manyThatCreateItAtOnceAllSucceed() async throws {
        let path = folder.file()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...8 {
                group.addTask { try FileService(path).register("\(number)") }
            }
            try await group.waitForAll()
        }
        let listed = try JSON.answer(FileService(path).service.listChannels(call: FileService.call()))
        #expect(listed["channels"]?.elements.count == 8)
    }

    @Test func everyDescriptorIsClosedOnExec() throws {
        let service = try FileService(folder.file())
        try service.register("1")
        var found = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            guard let number = Int32(name),
                let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)"),
                target.hasPrefix(folder.path)
            else { continue }
            found += 1
            #expect(fcntl(number, F_GETFD) & FD_CLOEXEC != 0, "\(target)")
        }
        #expect(found >= 3)
    }
}
