import Testing
import WebhookModel

@Suite struct URLPartsTests {
    @Test func partsAreTakenApart() throws {
        let parts = try #require(try URLParts("https://user:pw@hooks.example.com:8443/a/b?q=1#f"))
        #expect(parts.scheme == "https")
        #expect(parts.host == "hooks.example.com")
        #expect(parts.path == "/a/b")
        #expect(parts.hasUserinfo && parts.hasPort && parts.hasQuery && parts.hasFragment)
    }

    @Test func whatIsNotThereIsNotFound() throws {
        let parts = try #require(try URLParts("https://hooks.example.com"))
        #expect(!parts.hasUserinfo && !parts.hasPort && !parts.hasQuery && !parts.hasFragment)
    }

    /// libcurl drops each of these silently.
    @Test func whatIsThereButEmptyIsFound() throws {
        #expect(try #require(try URLParts("https://h.example:/")).hasPort)
        #expect(try #require(try URLParts("https://h.example:443/")).hasPort)
        #expect(try #require(try URLParts("https://@h.example/")).hasUserinfo)
        #expect(try #require(try URLParts("https://:@h.example/")).hasUserinfo)
        #expect(try #require(try URLParts("https://h.example/?")).hasQuery)
        #expect(try #require(try URLParts("https://h.example/#")).hasFragment)
        #expect(try #require(try URLParts("https://h.example?")).hasQuery)
    }

    @Test func whatIsInAPathOrQueryIsNoPartOfTheAuthority() throws {
        let parts = try #require(try URLParts("https://h.example/a:80@b?c@d:1"))
        #expect(!parts.hasUserinfo && !parts.hasPort)
    }

    @Test(arguments: [
        "https://192.0.2.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://0/", "https://[::1]/", "https://[2001:db8::1]/", "https://[::ffff:192.0.2.1]/", "https://[fe80::1%25eth0]/",
    ])
    func addressesAreFoundInEverySpelling(_ url: String) throws {
        #expect(try #require(try URLParts(url), "not a URL to libcurl").hostIsAddress)
    }

    /// The WHATWG URL standard, which browsers and many HTTP clients follow, reads all of these as 127.0.0.1.
    @Test(arguments: [
        "https://127.0.0.1./", "https://127.1./", "https://%31%32%37.1/", "https://127.0.0.%31/", "https://0x7f.0x1/",
        "https://0X7F.1/",
        "https://0x7f.0.0.0x01./",
    ])
    func addressesThatOtherClientsReadAsOneAreFound(_ url: String) throws {
        #expect(try URLParts(url)?.hostIsAddress != false)
    }

    @Test(arguments: [
        "https://hooks.example.com/", "https://1.example.com/", "https://127.0.0.1.example/", "https://1.2.3.4.5.example/",
        "https://localhost/",
    ])
    func namesAreNoAddresses(_ url: String) throws { #expect(try #require(try URLParts(url)).hostIsAddress == false) }

    @Test(arguments: [
        "", "https://", "https://?q", "https://h.example:port/", "https://h.example:99999/", "https://h exa mple/",
        "https://h.example/a b",
        "https://h.example/\n", "https://[::1/", "https://h<x>.example/", "https://user@/", "https://h.example/\u{7F}",
    ])
    func textThatIsNoURLHasNoParts(_ text: String) throws { #expect(try URLParts(text) == nil) }
}
