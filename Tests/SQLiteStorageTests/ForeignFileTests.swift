import CSQLite
import Foundation
import SQLiteStorage
import Support
import Testing
import WebhookModel

@Suite("Files that are not ours")
struct ForeignFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Nothing in the folder may change, nor may anything be added.
    private func expectRefusal(_ words: String, _ name: String = "webhooks.db") throws {
        let before = try folder.contents()
        let rejected = #expect(throws: Failure.self) { try SQLiteStorage(.file(folder.file(name))) }
        #expect(rejected?.status == .storageError)
        #expect(rejected?.retryable == false)
        #expect(rejected?.message.contains(words) == true, "\(rejected?.message ?? "")")
        #expect(rejected?.message.contains(folder.file(name)) == true)
        #expect(try folder.contents() == before)
    }

    @Test(arguments: ["x", "This is no database.\n", String(repeating: "SQLite format 4\0", count: 400)])
    func whatIsNoDatabaseIsRejectedUntouched(_ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.file()))
        try expectRefusal("not a database of this library")
    }

    @Test(arguments: ["DELETE", "WAL"])
    func anotherProgramsDatabaseIsRejectedUntouched(_ journal: String) throws {
        do {
            let other = try OtherProgram(folder.file())
            other.run("PRAGMA journal_mode = \(journal); PRAGMA application_id = 7; CREATE TABLE t (x)")
        }
        try expectRefusal("belongs to another program")
    }

    @Test(arguments: ["DELETE", "WAL"])
    func aDatabaseWithTablesThatSaysNotWhoseItIsIsRejectedUntouched(_ journal: String) throws {
        do { try OtherProgram(folder.file()).run("PRAGMA journal_mode = \(journal); CREATE TABLE t (x)") }
        try expectRefusal("belongs to another program")
    }

    @Test func aDatabaseWhoseTablesAreStillInItsLogIsRejectedUntouched() throws {
        let other = try OtherProgram(folder.file())
        other.run("PRAGMA journal_mode = WAL; CREATE TABLE t (x)")
        try expectRefusal("in use by another program")
        other.run("INSERT INTO t VALUES (1)")
    }

    @Test func aNewerVersionIsRejectedUntouched() throws {
        do { try FileService(folder.file()).register("1") }
        do { try OtherProgram(folder.file()).run("PRAGMA user_version = 2") }
        try expectRefusal("newer version")
    }

    @Test func aNewerVersionThatIsStillInTheLogIsRejectedAndTheLogIsKept() throws {
        do { try FileService(folder.file()).register("1") }
        let other = try OtherProgram(folder.file())
        other.run("PRAGMA user_version = 2")
        let before = try folder.contents()
        let rejected = #expect(throws: Failure.self) { try SQLiteStorage(.file(folder.file())) }
        #expect(rejected?.message.contains("newer version") == true)
        let after = try folder.contents()
        #expect(after["webhooks.db"] == before["webhooks.db"])
        #expect(after["webhooks.db-wal"] == before["webhooks.db-wal"])
    }

    @Test func aDatabaseWithoutTablesIsTakenForNew() throws {
        do { try OtherProgram(folder.file()).run("VACUUM") }
        try FileService(folder.file()).register("1")
    }

    @Test func aFolderIsRejected() throws {
        let rejected = #expect(throws: Failure.self) { try SQLiteStorage(.file(folder.path)) }
        #expect(rejected?.status == .storageError)
    }

    @Test func whatIsNoRegularFileIsRejectedWithoutWaiting() throws {
        #expect(mkfifo(folder.file(), 0o600) == 0)
        let rejected = #expect(throws: Failure.self) { try SQLiteStorage(.file(folder.file())) }
        #expect(rejected?.status == .storageError)
    }

    @Test func aMissingFolderIsRejected() throws {
        let rejected = #expect(throws: Failure.self) { try SQLiteStorage(.file(folder.file("none/webhooks.db"))) }
        #expect(rejected?.status == .storageError)
        #expect(rejected?.message.contains("No such file") == true)
    }

    @Test func aDamagedFileIsAStorageErrorThatNamesIt() throws {
        do {
            let service = try FileService(folder.file())
            try service.register("1")
            try service.enable()
        }
        let file = try #require(FileHandle(forUpdatingAtPath: folder.file()))
        let size = try file.seekToEnd()
        try file.seek(toOffset: 4_096)
        file.write(Data(repeating: 0xA5, count: Int(size) - 4_096))
        try file.close()
        let rejected = #expect(throws: Failure.self) { try FileService(folder.file()).names() }
        #expect(rejected?.status == .storageError)
        #expect(rejected?.retryable == false)
        #expect(rejected?.message.contains(folder.file()) == true)
        #expect(rejected?.message.contains("damaged") == true)
    }
}
