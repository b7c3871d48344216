import JSON
import Testing
import WebhookModel

@Suite struct ComparisonTests {
    private func shows(_ shown: String, _ asked: String, headersAreShown: Bool = true) throws -> Bool {
        try JSON(parsing: shown).shows(JSON(parsing: asked), headersAreShown: headersAreShown)
    }

    @Test func theSameWebhookIsShown() throws {
        #expect(
            try shows(#"{"url":"https://a.example/","headers":{"A":"1"}}"#, #"{"headers":{"A":"1"},"url":"https://a.example/"}"#))
    }

    @Test(arguments: [
        #"{"url":"https://b.example/"}"#, #"{"url":"https://a.example"}"#, #"{"url":"https://A.example/"}"#, "{}",
        #"{"url":null}"#,
    ])
    func anotherURLIsNot(_ shown: String) throws { #expect(try !shows(shown, #"{"url":"https://a.example/"}"#)) }

    @Test func namesAreComparedAsBytes() throws {
        #expect(try !shows("{\"name\":\"\u{E9}\",\"headers\":{}}", "{\"name\":\"e\u{301}\"}"))
        #expect(try !shows(#"{"name":"CRM","headers":{}}"#, #"{"name":"crm"}"#))
        #expect(try shows("{\"name\":\"\u{E9}\",\"headers\":{}}", "{\"name\":\"\u{E9}\"}"))
    }

    @Test func headersLeftOutMeanNone() throws {
        #expect(try shows(#"{"url":"u","headers":{}}"#, #"{"url":"u"}"#))
        #expect(try !shows(#"{"url":"u","headers":{"A":"1"}}"#, #"{"url":"u"}"#))
        #expect(try shows(#"{"url":"u"}"#, #"{"url":"u","headers":{}}"#))
    }

    @Test func headersThatAreNotShownCountOnlyWhereTheyWouldBe() throws {
        #expect(try shows(#"{"url":"u"}"#, #"{"url":"u","headers":{"A":"1"}}"#, headersAreShown: false))
        #expect(try !shows(#"{"url":"u"}"#, #"{"url":"u","headers":{"A":"1"}}"#, headersAreShown: true))
        #expect(try !shows(#"{"url":"u","headers":{"A":"2"}}"#, #"{"url":"u","headers":{"A":"1"}}"#, headersAreShown: false))
    }

    @Test func headerNamesFoldTheirCaseAndValuesDoNot() throws {
        #expect(try shows(#"{"url":"u","headers":{"x-a":"v"}}"#, #"{"url":"u","headers":{"X-A":"v"}}"#))
        #expect(try !shows(#"{"url":"u","headers":{"X-A":"V"}}"#, #"{"url":"u","headers":{"X-A":"v"}}"#))
        #expect(
            try !shows("{\"url\":\"u\",\"headers\":{\"X-A\":\"\u{E9}\"}}", "{\"url\":\"u\",\"headers\":{\"X-A\":\"e\u{301}\"}}"))
    }

    @Test func theOrderOfHeadersDoesNotCount() throws {
        #expect(try shows(#"{"url":"u","headers":{"B":"2","A":"1"}}"#, #"{"url":"u","headers":{"A":"1","B":"2"}}"#))
    }

    @Test func moreHeadersOrFewerAreOthers() throws {
        #expect(try !shows(#"{"url":"u","headers":{"A":"1","B":"2"}}"#, #"{"url":"u","headers":{"A":"1"}}"#))
        #expect(try !shows(#"{"url":"u","headers":{"A":"1"}}"#, #"{"url":"u","headers":{"A":"1","B":"2"}}"#))
    }

    @Test func unknownMembersCountWhereTheReadingHasThem() throws {
        #expect(try shows(#"{"url":"u","headers":{}}"#, #"{"url":"u","retries":3}"#))
        #expect(try shows(#"{"url":"u","headers":{},"retries":3}"#, #"{"url":"u","retries":3}"#))
        #expect(try !shows(#"{"url":"u","headers":{},"retries":2}"#, #"{"url":"u","retries":3}"#))
        #expect(try shows(#"{"url":"u","headers":{},"active":true}"#, #"{"url":"u"}"#))
    }

    @Test func overrideAllIsIgnored() throws {
        #expect(try shows(#"{"url":"u","override_all":false}"#, #"{"url":"u","override_all":true}"#))
    }
}
