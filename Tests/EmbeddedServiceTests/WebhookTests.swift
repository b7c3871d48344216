import EmbeddedService
import Testing
import WebhookModel

@Suite("The number's own webhook")
struct CustomerWebhookTests {
    @Test func itIsEmptyUntilItIsSetAndNeverShowsHeaders() throws {
        let service = try ServiceUnderTest()
        #expect(try service.customerWebhook() == "{}")
        let set = try service.setCustomerWebhook(#"{"headers":{"X":"secret"},"url":"https://a.example.com/?q=1"}"#)
        #expect(set == #"{"url":"https://a.example.com/?q=1"}"#)
        #expect(try service.customerWebhook() == set)
    }
}

@Suite("The WABA's webhook")
struct WABAWebhookTests {
    static let second = #"{"phone_number_id": "2", "waba_id": 77, "api_key": "key2"}"#

    @Test func aReadingBeforeItIsSetShowsNoURL() throws {
        let service = try ServiceUnderTest()
        try service.register(Self.second)
        #expect(try service.wabaWebhook() == #"{"waba_id":77,"numbers_on_this_waba":["+491","2"]}"#)
    }

    @Test func itIsOneForAllChannelsOfTheWABA() throws {
        let service = try ServiceUnderTest()
        try service.register(Self.second)
        let set = try service.setWABAWebhook(#"{"url":"https://w.example.com","headers":{"X":"1"}}"#)
        #expect(set == #"{"message":"Webhook will be set for waba_id: 77"}"#)
        #expect(
            try service.wabaWebhook(key: "key2")
                == #"{"url":"https://w.example.com","headers":{"X":"1"},"waba_id":77,"numbers_on_this_waba":["+491","2"]}"#)
        try service.setWABAWebhook(#"{"url":"https://w.example.com"}"#)
        #expect(try service.wabaWebhook().contains(#""headers":{},"#))
    }

    @Test func overrideAllRemovesEveryNumbersOwnWebhook() throws {
        let service = try ServiceUnderTest()
        try service.register(Self.second)
        try service.register(#"{"phone_number_id": "3", "waba_id": 78, "api_key": "key3"}"#)
        for key in ["key", "key2", "key3"] { try service.setCustomerWebhook(#"{"url":"https://own.example.com"}"#, key: key) }
        try service.setWABAWebhook(#"{"url":"https://w.example.com"}"#)
        #expect(try service.customerWebhook() != "{}")
        try service.setWABAWebhook(#"{"url":"https://w.example.com","override_all":true}"#)
        #expect(try service.customerWebhook() == "{}")
        #expect(try service.customerWebhook(key: "key2") == "{}")
        #expect(try service.customerWebhook(key: "key3") == #"{"url":"https://own.example.com"}"#)
        try service.setCustomerWebhook(#"{"url":"https://own.example.com"}"#)
        #expect(try service.customerWebhook() == #"{"url":"https://own.example.com"}"#)
    }

    @Test func aPendingOneAppliesWhenItIsDue() throws {
        let service = try ServiceUnderTest { $0.applyDelay = .seconds(15) }
        try service.setCustomerWebhook(#"{"url":"https://own.example.com"}"#)
        try service.setWABAWebhook(#"{"url":"https://w.example.com","override_all":true}"#)
        service.sleep(14_999)
        #expect(try service.wabaWebhook() == #"{"waba_id":77,"numbers_on_this_waba":["+491"]}"#)
        #expect(try service.customerWebhook() == #"{"url":"https://own.example.com"}"#)
        service.sleep(1)
        #expect(
            try service.wabaWebhook()
                == #"{"url":"https://w.example.com","headers":{},"waba_id":77,"numbers_on_this_waba":["+491"]}"#)
        #expect(try service.customerWebhook() == "{}")
    }

    @Test func theLatestOfSeveralWins() throws {
        let service = try ServiceUnderTest { $0.applyDelay = .milliseconds(100) }
        try service.setCustomerWebhook(#"{"url":"https://own.example.com"}"#)
        try service.setWABAWebhook(#"{"url":"https://one.example.com","override_all":true}"#)
        service.sleep(50)
        try service.setWABAWebhook(#"{"url":"https://two.example.com"}"#)
        service.sleep(60)
        #expect(try service.wabaWebhook() == #"{"waba_id":77,"numbers_on_this_waba":["+491"]}"#)
        service.sleep(40)
        #expect(try service.wabaWebhook().contains("two.example.com"))
        #expect(try service.customerWebhook() == #"{"url":"https://own.example.com"}"#)
    }

    @Test func whatIsSetAfterADueOverrideStays() throws {
        let service = try ServiceUnderTest { $0.applyDelay = .milliseconds(100) }
        try service.setWABAWebhook(#"{"url":"https://w.example.com","override_all":true}"#)
        service.sleep(100)
        try service.setCustomerWebhook(#"{"url":"https://own.example.com"}"#)
        #expect(try service.customerWebhook() == #"{"url":"https://own.example.com"}"#)
        #expect(try service.wabaWebhook().contains("w.example.com"))
    }

    @Test func aNewPendingOneDoesNotUndoTheOneThatIsDue() throws {
        let service = try ServiceUnderTest { $0.applyDelay = .milliseconds(100) }
        try service.setCustomerWebhook(#"{"url":"https://own.example.com"}"#)
        try service.setWABAWebhook(#"{"url":"https://one.example.com","override_all":true}"#)
        service.sleep(100)
        try service.setWABAWebhook(#"{"url":"https://two.example.com"}"#)
        #expect(try service.wabaWebhook().contains("one.example.com"))
        #expect(try service.customerWebhook() == "{}")
    }
}
