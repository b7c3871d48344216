import Testing
import WebhookModel

@Suite struct ExactTextTests {
    private let composed = "\u{E9}"
    private let decomposed = "e\u{301}"

    @Test func textsThatSwiftTakesForEqualAreTwo() {
        #expect(composed == decomposed)
        #expect(ExactText(composed) != ExactText(decomposed))
        #expect(Set([ExactText(composed), ExactText(decomposed)]).count == 2)
    }

    @Test func equalBytesAreOneAndHashAlike() {
        let built = ExactText(["e", "\u{301}"].joined())
        #expect(built == ExactText(decomposed))
        #expect(Set([built, ExactText(decomposed)]).count == 1)
    }

    @Test(arguments: [("crm", "CRM"), ("a", "a "), ("", " "), ("\r\n", "\n"), ("a", "ab"), ("\u{1100}\u{1161}", "\u{AC00}")])
    func textsOfDifferentBytesDiffer(_ one: String, _ other: String) { #expect(ExactText(one) != ExactText(other)) }
}
