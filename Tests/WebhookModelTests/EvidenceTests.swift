import JSON
import Support
import Testing
import WebhookModel

/// What a reading says of a write, both as JSON text.
private func evidence(
    _ kind: OperationKind, _ asked: String, in shown: String
) throws -> Evidence {
    let request = try Request(kind, asked, RequestValidator(scope: .remote, policy: .none), nil)
    return try request.operation.evidence(in: Reading(text: shown, of: kind.setting))
}

@Suite struct EvidenceTests {
    private func customer(_ shown: String, _ asked: String) throws -> Evidence {
        try evidence(.customerWebhookSet, asked, in: shown)
    }

    private func append(_ shown: String, _ asked: String = #"{"name":"crm","url":"https://a.example/"}"#) throws -> Evidence {
        try evidence(.multiWebhookAppend, #"{"destinations":[\#(asked)]}"#, in: shown)
    }

    @Test func theSameURLAndHeadersAreShown() throws {
        let shown = #"{"url":"https://a.example/","headers":{"A":"1"}}"#
        #expect(try customer(shown, #"{"headers":{"A":"1"},"url":"https://a.example/"}"#) == .shows)
    }

    @Test(arguments: [
        #"{"url":"https://b.example/"}"#, #"{"url":"https://a.example/x"}"#, #"{"url":"http://a.example/"}"#, "{}",
        #"{"url":null}"#,
    ])
    func anotherURLOrNoneIsLacking(_ shown: String) throws {
        #expect(try customer(shown, #"{"url":"https://a.example/"}"#) == .lacks)
    }

    @Test(arguments: [
        "https://A.example", "HTTPS://a.example:443/", "https://a.example/", "https://a.example",
    ])
    func aNormalisedURLIsTheSame(_ url: String) throws {
        #expect(try customer(#"{"url":"\#(url)","headers":{}}"#, #"{"url":"https://a.example"}"#) == .shows)
    }

    @Test(arguments: [
        ("https://a.example/%7euser", "https://a.example/~user"), ("https://a.example/%c3%a9", "https://a.example/%C3%A9"),
    ])
    func percentEncodingIsNormalised(_ shown: String, _ asked: String) throws {
        #expect(try customer(#"{"url":"\#(shown)","headers":{}}"#, #"{"url":"\#(asked)"}"#) == .shows)
        #expect(try customer(#"{"url":"\#(shown)%2F","headers":{}}"#, #"{"url":"\#(asked)/"}"#) == .lacks)
    }

    @Test func headersThatAReadingDoesNotShowProveNothing() throws {
        for asked in [#"{"url":"https://a.example/"}"#, #"{"url":"https://a.example/","headers":{"A":"1"}}"#] {
            #expect(try customer(#"{"url":"https://a.example/"}"#, asked) == .cannotTell)
            #expect(try customer(#"{"url":"https://a.example/","headers":null}"#, asked) == .cannotTell)
            #expect(try evidence(.wabaWebhookSet, asked, in: #"{"url":"https://a.example/"}"#) == .cannotTell)
        }
    }

    @Test func headersLeftOutOfASetAreCleared() throws {
        #expect(try customer(#"{"url":"https://a.example/","headers":{"A":"1"}}"#, #"{"url":"https://a.example/"}"#) == .lacks)
        #expect(try customer(#"{"url":"https://a.example/","headers":{}}"#, #"{"url":"https://a.example/"}"#) == .shows)
    }

    @Test(arguments: [
        (#"{"x-a":"v"}"#, #"{"X-A":"v"}"#, Evidence.shows), (#"{"X-A":"V"}"#, #"{"X-A":"v"}"#, .lacks),
        ("{\"X-A\":\"\u{E9}\"}", "{\"X-A\":\"e\u{301}\"}", .lacks), (#"{"B":"2","A":"1"}"#, #"{"A":"1","B":"2"}"#, .shows),
        (#"{"A":"1","B":"2"}"#, #"{"A":"1"}"#, .lacks), (#"{"A":"1"}"#, #"{"A":"1","B":"2"}"#, .lacks),
    ])
    func headerNamesFoldTheirCaseAndValuesDoNot(_ shown: String, _ asked: String, _ expected: Evidence) throws {
        let found = try customer(
            #"{"url":"https://a.example/","headers":\#(shown)}"#, #"{"url":"https://a.example/","headers":\#(asked)}"#)
        #expect(found == expected)
    }

    @Test func overrideAllIsNeverShown() throws {
        let shown = #"{"url":"https://a.example/","headers":{}}"#
        #expect(try evidence(.wabaWebhookSet, #"{"url":"https://a.example/","override_all":true}"#, in: shown) == .cannotTell)
        #expect(try evidence(.wabaWebhookSet, #"{"url":"https://a.example/","override_all":false}"#, in: shown) == .shows)
    }

    @Test func anAppendedDestinationIsShownByNameAndContent() throws {
        let crm = #"{"name":"crm","url":"https://a.example/","headers":{}}"#
        #expect(try append(#"{"enabled":true,"destinations":[\#(crm)]}"#) == .shows)
        #expect(try append(#"{"destinations":[\#(crm)]}"#) == .shows)
        #expect(try append(#"{"enabled":false,"destinations":[\#(crm)]}"#) == .lacks)
        #expect(try append(#"{"enabled":true,"destinations":[]}"#) == .lacks)
        #expect(try append(#"{"enabled":true,"destinations":null}"#) == .cannotTell)
        #expect(try append(#"{"destinations":[{"name":"CRM","url":"https://a.example/","headers":{}}]}"#) == .lacks)
        #expect(try append(#"{"destinations":[{"name":"crm","url":"https://b.example/","headers":{}}]}"#) == .contradicts)
        #expect(try append(#"{"destinations":[{"name":"crm","url":"https://a.example/"}]}"#) == .cannotTell)
    }

    @Test func namesAreComparedAsBytes() throws {
        let shown = "{\"destinations\":[{\"name\":\"\u{E9}\",\"url\":\"https://a.example/\",\"headers\":{}}]}"
        #expect(try append(shown, "{\"name\":\"e\u{301}\",\"url\":\"https://a.example/\"}") == .lacks)
        #expect(try append(shown, "{\"name\":\"\u{E9}\",\"url\":\"https://a.example/\"}") == .shows)
    }

    @Test func aDeletedDestinationIsShownByAListThatLacksIt() throws {
        let delete = Operation.multiWebhookDelete("crm")
        func evidence(_ shown: String) throws -> Evidence {
            try delete.evidence(in: Reading(text: shown, of: .multiWebhook))
        }
        #expect(try evidence(#"{"enabled":true,"destinations":[]}"#) == .shows)
        #expect(try evidence(#"{"enabled":true}"#) == .cannotTell)
        #expect(try evidence(#"{"destinations":[{"name":"crm"}]}"#) == .lacks)
    }

    @Test func anUpdateCountsOnlyWhatItGives() throws {
        let shown = #"{"destinations":[{"name":"crm","url":"https://a.example/","headers":{"A":"1"}}]}"#
        #expect(try evidence(.multiWebhookUpdate, #"{"name":"crm","url":"https://a.example/"}"#, in: shown) == .shows)
        #expect(try evidence(.multiWebhookUpdate, #"{"name":"crm","headers":{}}"#, in: shown) == .lacks)
        #expect(try evidence(.multiWebhookUpdate, #"{"name":"audit","headers":{}}"#, in: shown) == .lacks)
    }

    @Test(arguments: [(#"{"enabled":true}"#, Evidence.shows), (#"{"enabled":false}"#, .lacks), ("{}", .lacks)])
    func turningOnIsShownByEnabled(_ shown: String, _ expected: Evidence) throws {
        #expect(try evidence(.multiWebhookSet, #"{"enabled":true}"#, in: shown) == expected)
    }

    @Test func turningOffIsNotProvenByAReadingThatSaysNothing() throws {
        #expect(try evidence(.multiWebhookSet, #"{"enabled":false}"#, in: "{}") == .cannotTell)
        #expect(try evidence(.multiWebhookSet, #"{"enabled":false}"#, in: #"{"enabled":false}"#) == .shows)
    }
}
