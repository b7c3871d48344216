import Fleet
import Support
import Testing

@Suite struct DocumentTests {
    @Test func anAccountsSectionTakesThePlaceOfItsProfilesWholeSection() throws {
        let account = try accounts(
            #"""
            {"profiles": {"p": {"customer_webhook": {"url": "https://p.example.com/"},
                                "multi_webhook": {"prune": true, "destinations": [{"name": "a", "url": "https://a.example.com/"}]}}},
             "accounts": [{"name": "x", "api_key": "k", "multi_webhook": {"enabled": true}, "profile": "p"}]}
            """#)[0]
        #expect(account.multi?.prune == false && account.multi?.destinations.isEmpty == true)
        guard case .webhook(let url, let headers) = account.customer else { throw Failure.fault("not taken from the profile") }
        #expect(url == "https://p.example.com/" && headers == nil)
        #expect(account.waba == nil)
    }

    @Test func nullTakesThePlaceOfAProfilesWebhook() throws {
        let account = try accounts(
            #"""
            {"profiles": {"p": {"customer_webhook": {"url": "https://p.example.com/"}}},
             "accounts": [{"name": "x", "api_key": "k", "profile": "p", "customer_webhook": null}]}
            """#)[0]
        guard case .follows = account.customer else { throw Failure.fault("the profile's webhook was kept") }
    }

    @Test func namesAreComparedAsBytes() throws {
        let text = """
            {"accounts": [{"name": "\u{E9}", "api_key": "a"}, {"name": "e\u{301}", "api_key": "b"}],
             "webhooks": {"\u{E9}": {"url": "https://a.example.com/"}, "e\u{301}": {"url": "https://b.example.com/"}}}
            """
        #expect(try accounts(text).count == 2)
    }

    @Test func whatIsLeftOutHasItsDefault() throws {
        let account = try account(#""multi_webhook":{},"waba_webhook":{"url":"https://a.example.com/"}"#)
        #expect(account.multi?.enabled == true && account.multi?.prune == false && account.waba?.overrideAll == false)
        #expect(account.expectation.number == nil && account.expectation.wabaID == nil)
    }

    @Test func optionsHaveTheirDefaults() throws {
        let options = try FleetOptions(nil)
        #expect(options.concurrency == 16 && options.wait == .seconds(30) && options.force.isEmpty && !options.probe)
        #expect(options.requestsPerSecond == nil && options.only == nil && options.plan == nil && options.maxFailures == nil)
    }
}
