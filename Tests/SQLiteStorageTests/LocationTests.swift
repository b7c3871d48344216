import SQLiteStorage
import Support
import Testing

@Suite("Service URLs of databases")
struct LocationTests {
    @Test(arguments: [
        "/w.db", "w.db", "///w.db", "a b#c", "what?.db", "%41", "file:w.db", "~/w",
    ])
    func aPathIsTakenLiterally(_ path: String) throws {
        #expect(try DatabaseLocation(serviceURL: "sqlite:\(path)") == .file(path))
    }

    @Test func memoryHasOneName() throws { #expect(try DatabaseLocation(serviceURL: "sqlite::memory:") == .memory) }

    @Test(arguments: ["https://a.example", "http://127.0.0.1", "postgresql://x", "SQLITE:w.db", "", "sqlite"])
    func otherSchemesAreForOthers(_ url: String) throws { #expect(try DatabaseLocation(serviceURL: url) == nil) }

    @Test(arguments: [
        ("sqlite:", "sqlite:/PATH"), ("sqlite://:memory:", "sqlite::memory:"), ("sqlite:///:memory:", "sqlite::memory:"),
        ("sqlite:./:memory:", "sqlite::memory:"), ("sqlite:file::memory:?cache=shared", "sqlite::memory:"),
        ("sqlite://w.db", "sqlite:w.db or sqlite:/w.db"), ("sqlite://host/w.db", "sqlite:host/w.db or sqlite:/host/w.db"),
        ("sqlite:w.db?mode=ro", "write sqlite:w.db"), ("sqlite:/w.db?immutable=1&x", "write sqlite:/w.db"),
    ])
    func aFormThatMeansSomethingElseElsewhereIsRejectedWithTheRightOne(_ url: String, _ form: String) {
        let rejected = #expect(throws: Failure.self) { try DatabaseLocation(serviceURL: url) }
        #expect(rejected?.status == .invalidArgument)
        #expect(rejected?.message.contains(form) == true, "\(rejected?.message ?? "")")
    }
}
