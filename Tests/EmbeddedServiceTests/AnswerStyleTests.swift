import Testing
import WebhookModel

@Suite("The option answers")
struct AnswerStyleTests {
    private static func service(_ style: AnswerStyle) throws -> ServiceUnderTest { try ServiceUnderTest { $0.answers = style } }

    @Test func observedShowsNullForWhatIsNotSet() throws {
        let service = try Self.service(.observed)
        #expect(try service.shown() == #"{"enabled":false,"destinations":null}"#)
        #expect(try service.customerWebhook() == #"{"url":null,"headers":null}"#)
        #expect(
            try service.wabaWebhook() == #"{"url":null,"headers":null,"waba_id":77,"numbers_on_this_waba":["+491"]}"#)
    }

    @Test func observedShowsNullForEmptyHeaders() throws {
        let service = try Self.service(.observed)
        try service.set(#"{"enabled":true,"destinations":[\#(destination("a")),\#(destination("b", headers: #"{"X":"{}"}"#))]}"#)
        #expect(
            try service.shown()
                == document(destination("a", headers: "null"), destination("b", headers: #"{"X":"{}"}"#)))
        try service.setCustomerWebhook(#"{"url":"https://a.example.com"}"#)
        #expect(try service.customerWebhook() == #"{"url":"https://a.example.com","headers":null}"#)
        try service.setWABAWebhook(#"{"url":"https://a.example.com"}"#)
        #expect(try service.wabaWebhook().hasPrefix(#"{"url":"https://a.example.com","headers":null,"waba_id""#))
    }

    @Test func observedShowsTheCustomerWebhooksHeaders() throws {
        let service = try Self.service(.observed)
        let set = try service.setCustomerWebhook(#"{"url":"https://a.example.com","headers":{"X":"secret"}}"#)
        #expect(set == #"{"url":"https://a.example.com"}"#)
        #expect(try service.customerWebhook() == #"{"url":"https://a.example.com","headers":{"X":"secret"}}"#)
    }

    @Test(arguments: [AnswerStyle.specification, .observed, .notFound])
    func aWriteDoesTheSameInEveryStyle(_ style: AnswerStyle) throws {
        let service = try Self.service(style)
        try service.set(#"{"enabled":true,"destinations":[\#(destination("a"))]}"#)
        try service.update(#"{"name":"a","headers":{"X":"1"}}"#)
        try service.append(list(destination("b", headers: #"{"Y":"2"}"#)))
        try service.delete("a")
        #expect(try service.shown() == document(destination("b", headers: #"{"Y":"2"}"#)))
    }

    @Test func onlyNotFoundAnswersThatACustomerWebhookIsNotFound() throws {
        for style in [AnswerStyle.specification, .observed, .notFound] {
            let service = try Self.service(style)
            let request = Request(.customerWebhook)
            #expect(service.service.isNotFound(try service.customerWebhook(), to: request) == (style == .notFound))
            #expect(!service.service.isNotFound(try service.wabaWebhook(), to: Request(.wabaWebhook)))
            try service.setCustomerWebhook(#"{"url":"https://a.example.com"}"#)
            #expect(!service.service.isNotFound(try service.customerWebhook(), to: request))
        }
    }

    @Test func notFoundIsAnEmptyObjectInTheLibrary() throws {
        #expect(try Self.service(.notFound).customerWebhook() == "{}")
    }
}
