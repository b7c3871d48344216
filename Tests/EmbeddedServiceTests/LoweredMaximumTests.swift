import EmbeddedService
import SQLiteStorage
import Support
import Testing
import WebhookModel

@Suite("A maximum that is lower than what is there")
struct LoweredMaximumTests {
    @Test func itIsForWhatIsAdded() throws {
        let storage = try SQLiteStorage(.memory)
        let before = try ServiceUnderTest(storage) { $0.maxDestinations = 5 }
        try before.set(
            #"{"enabled":true,"destinations":[\#(["a", "b", "c", "d", "e"].map { destination($0) }.joined(separator: ","))]}"#)
        try before.set(#"{"enabled":false}"#)
        let after = try ServiceUnderTest(storage) { $0.maxDestinations = 3 }
        let refused = #expect(throws: Failure.self) {
            try after.set(#"{"enabled":true,"destinations":[\#(destination("f"))]}"#)
        }
        #expect(refused?.status == .limitExceeded)
        try after.set(#"{"enabled":true}"#)
        try after.update(#"{"name":"a","headers":{"X":"1"}}"#)
        for name in ["a", "b", "c"] { try after.delete(name) }
        try after.append(list(destination("f")))
        #expect(try after.shown() == document(destination("d"), destination("e"), destination("f")))
    }
}
