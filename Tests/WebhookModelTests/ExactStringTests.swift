import Support
import Testing

@Suite struct ExactTextTests {
    private let composed = "\u{E9}"
    private let decomposed = "e\u{301}"

    @Test func textsThatSwiftTakesForEqualAreTwo() {
        #expect(composed == decomposed)
        #expect(ExactString(composed) != ExactString(decomposed))
        #expect(Set([ExactString(composed), ExactString(decomposed)]).count == 2)
    }

    @Test func equalBytesAreOneAndHashAlike() {
        let built = ExactString(["e", "\u{301}"].joined())
        #expect(built == ExactString(decomposed))
        #expect(Set([built, ExactString(decomposed)]).count == 1)
    }

    @Test(arguments: [("crm", "CRM"), ("a", "a "), ("", " "), ("\r\n", "\n"), ("a", "ab"), ("\u{1100}\u{1161}", "\u{AC00}")])
    func textsOfDifferentBytesDiffer(_ one: String, _ other: String) { #expect(ExactString(one) != ExactString(other)) }
}
