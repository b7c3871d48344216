import Foundation
import Support
import Testing
import WebhookModel

@testable import SQLiteStorage

@Suite("Versions of the schema")
struct SchemaTests {
    let folder: TemporaryFolder
    private static let next = Schema(
        steps: Schema.current.steps + [["ALTER TABLE channel ADD COLUMN colour TEXT", "PRAGMA user_version = 2"]])

    init() throws { folder = try TemporaryFolder() }

    private func connection() throws -> Connection {
        try DatabaseFile(folder.file()).connect(nil, until: Deadline(in: .seconds(1)))
    }

    @Test func anOlderVersionIsBroughtUpToDateWithWhatIsInIt() throws {
        do { try FileService(folder.file()).register("1") }
        let connection = try connection()
        try Self.next.prepare(connection)
        try Self.next.prepare(connection)
        #expect(try connection.first("PRAGMA user_version") { $0.integer(0) } == 2)
        #expect(try connection.first("SELECT count(colour) + count(*) FROM channel") { $0.integer(0) } == 1)
    }

    @Test func anEmptyFileGetsTheNewestVersion() throws {
        let connection = try Connection(folder.file(), 6, place: "")  // SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        try Self.next.prepare(connection)
        #expect(try Self.next.installedVersion(connection) == 2)
        #expect(throws: Failure.self) { try Schema.current.installedVersion(connection) }
    }

    @Test func aStepThatFailsLeavesTheOlderVersion() throws {
        let broken = Schema(steps: Schema.current.steps + [["CREATE TABLE extra (x)", "CREATE TABLE channel (x)"]])
        let connection = try connection()
        #expect(throws: Failure.self) { try broken.prepare(connection) }
        #expect(try connection.first("SELECT 1 FROM sqlite_schema WHERE name = 'extra'") { _ in true } == nil)
        #expect(try Schema.current.installedVersion(connection) == 1)
    }

    @Test(arguments: [0, -1])
    func aVersionThatWeNeverMadeIsNotCalledNewer(_ version: Int) throws {
        do { try FileService(folder.file()).register("1") }
        do { try OtherProgram(folder.file()).run("PRAGMA user_version = \(version)") }
        let rejected = #expect(throws: Failure.self) { try FileService(folder.file()) }
        #expect(rejected?.message.contains("no valid schema version (\(version))") == true, "\(rejected?.message ?? "")")
    }
}
