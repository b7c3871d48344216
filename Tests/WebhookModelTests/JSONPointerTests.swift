import JSON
import Support
import Testing

@Suite struct JSONPointerTests {
    /// RFC 6901, 5, and what Swift's characters would get wrong.
    @Test(arguments: [
        ("foo", "/foo"), ("", "/"), ("a/b", "/a~1b"), ("m~n", "/m~0n"), ("~1", "/~01"), ("/~", "/~1~0"), (" ", "/ "),
        ("c%d", "/c%d"), ("k\"l", "/k\"l"), ("/\u{301}", "/~1\u{301}"), ("~\u{301}", "/~0\u{301}"), ("\r\n", "/\r\n"),
    ])
    func aMemberIsOneSegmentEscaped(_ member: String, _ pointer: String) {
        #expect(ExactString(JSONPointer.path("", member)) == ExactString(pointer))
    }

    @Test func pathsGrowAtTheirEnd() {
        let place = JSONPointer.path(JSONPointer.path("/destinations", 2), "headers")
        #expect(JSONPointer.path(place, "x/y") == "/destinations/2/headers/x~1y")
    }
}
