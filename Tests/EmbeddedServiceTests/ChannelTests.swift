import EmbeddedService
import Support
import Testing
import WebhookModel

@Suite("Channels")
struct ChannelTests {
    @Test func theyAreListedAsRegisteredWithoutKeys() throws {
        let service = try ServiceUnderTest()
        try service.register(#"{"phone_number_id": "0", "waba_id": 9223372036854775807, "api_key": "key0"}"#)
        #expect(
            try service.service.listChannels(call: service.call)
                == #"{"channels":[{"phone_number_id":"1","phone_number":"+491","waba_id":77},"#
                + #"{"phone_number_id":"0","waba_id":9223372036854775807}]}"#)
    }

    @Test(arguments: [
        (#"{"phone_number_id": "9", "api_key": "k"}"#, "waba_id is missing"),
        (#"{"phone_number_id": "9", "waba_id": 5}"#, "api_key is missing"),
        (#"{"phone_number_id": "9"}"#, "waba_id is missing"),
    ])
    func theFirstRegistrationNeedsAll(_ channel: String, _ message: String) throws {
        let service = try ServiceUnderTest()
        let refused = #expect(throws: Failure.self) { try service.register(channel) }
        #expect(refused?.status == .invalidRequest)
        #expect(refused?.path == "")
        #expect(refused?.message == message)
    }

    @Test func registeringAgainReplacesOnlyWhatIsGiven() throws {
        let service = try ServiceUnderTest()
        try service.set(document(destination("crm")))
        try service.register(#"{"phone_number_id": "1"}"#)
        try service.register(#"{"phone_number_id": "1", "api_key": "new"}"#)
        #expect(throws: Failure.self) { try service.shown() }
        #expect(try service.shown(key: "new") == document(destination("crm")))
        try service.register(#"{"phone_number_id": "1", "phone_number": "+492"}"#)
        #expect(try service.wabaWebhook(key: "new") == #"{"waba_id":77,"numbers_on_this_waba":["+492"]}"#)
    }

    @Test func channelsThatSwapTheirKeysKeepTheirDestinations() throws {
        let service = try ServiceUnderTest { $0.multiApplyDelay = .milliseconds(100) }
        try service.register(#"{"phone_number_id": "2", "waba_id": 77, "api_key": "key2"}"#)
        try service.set(document(destination("one")))
        try service.set(document(destination("two")), key: "key2")
        service.sleep(100)
        try service.append(list(destination("late")))
        try service.register(#"{"phone_number_id": "1", "api_key": "between"}"#)
        try service.register(#"{"phone_number_id": "2", "api_key": "key"}"#)
        try service.register(#"{"phone_number_id": "1", "api_key": "key2"}"#)
        #expect(try service.shown(key: "key") == document(destination("two")))
        #expect(try service.shown(key: "key2") == document(destination("one")))
        service.sleep(100)
        #expect(try service.shown(key: "key2") == document(destination("one"), destination("late")))
    }

    @Test func aKeyOfAnotherNumberIsAConflict() throws {
        let service = try ServiceUnderTest()
        let refused = #expect(throws: Failure.self) {
            try service.register(#"{"phone_number_id": "2", "waba_id": 77, "api_key": "key"}"#)
        }
        #expect(refused?.status == .conflict)
        #expect(refused?.path == "/api_key")
        try service.register(#"{"phone_number_id": "1", "api_key": "key"}"#)
    }

    @Test func idsThatDifferOnlyByNormalisationAreTwo() throws {
        let service = try ServiceUnderTest()
        try service.register(#"{"phone_number_id": "\u00e9", "waba_id": 77, "api_key": "one"}"#)
        try service.register(#"{"phone_number_id": "e\u0301", "waba_id": 77, "api_key": "two"}"#)
        let refused = #expect(throws: Failure.self) {
            try service.register(#"{"phone_number_id": "e\u0301", "api_key": "one"}"#)
        }
        #expect(refused?.status == .conflict)
    }

    @Test func removingAChannelRemovesItsConfiguration() throws {
        let service = try ServiceUnderTest { $0.multiApplyDelay = .milliseconds(1) }
        try service.set(document(destination("crm")))
        service.sleep(1)
        try service.append(list(destination("audit")))
        try service.setCustomerWebhook(#"{"url":"https://own.example.com"}"#)
        try service.setWABAWebhook(#"{"url":"https://w.example.com"}"#)
        _ = try service.service.removeChannel("1", call: service.call)
        let refused = #expect(throws: Failure.self) { try service.shown() }
        #expect(refused?.status == .unauthorized)
        try service.register(#"{"phone_number_id": "1", "waba_id": 77, "api_key": "key"}"#)
        service.sleep(1_000)
        #expect(try service.shown() == #"{"enabled":false,"destinations":[]}"#)
        #expect(try service.customerWebhook() == "{}")
        #expect(try service.wabaWebhook() == #"{"waba_id":77,"numbers_on_this_waba":["1"]}"#)
    }

    @Test func theWABAsWebhookStaysWhileAnotherChannelIsOnIt() throws {
        let service = try ServiceUnderTest()
        try service.register(#"{"phone_number_id": "2", "waba_id": 77, "api_key": "key2"}"#)
        try service.setWABAWebhook(#"{"url":"https://w.example.com"}"#)
        _ = try service.service.removeChannel("1", call: service.call)
        #expect(
            try service.wabaWebhook(key: "key2")
                == #"{"url":"https://w.example.com","headers":{},"waba_id":77,"numbers_on_this_waba":["2"]}"#)
    }

    @Test func removingAnUnknownChannelIsNotFound() throws {
        let service = try ServiceUnderTest()
        let refused = #expect(throws: Failure.self) { try service.service.removeChannel("2", call: service.call) }
        #expect(refused?.status == .notFound)
        #expect(refused?.path == nil)
    }

    @Test func movingAChannelKeepsItsOwnConfigurationAndReadsTheNewWABA() throws {
        let service = try ServiceUnderTest()
        try service.register(#"{"phone_number_id": "2", "waba_id": 78, "api_key": "key2"}"#)
        try service.set(document(destination("crm")))
        try service.setCustomerWebhook(#"{"url":"https://own.example.com"}"#)
        try service.setWABAWebhook(#"{"url":"https://w78.example.com"}"#, key: "key2")
        try service.register(#"{"phone_number_id": "1", "waba_id": 78}"#)
        #expect(try service.shown() == document(destination("crm")))
        #expect(try service.customerWebhook() == #"{"url":"https://own.example.com"}"#)
        #expect(
            try service.wabaWebhook()
                == #"{"url":"https://w78.example.com","headers":{},"waba_id":78,"numbers_on_this_waba":["+491","2"]}"#)
    }

    @Test func anOverrideThatWasDueBeforeAMoveHappensAndOneOnTheNewWABADoesNotReachBack() throws {
        let service = try ServiceUnderTest { $0.applyDelay = .milliseconds(100) }
        try service.register(#"{"phone_number_id": "2", "waba_id": 78, "api_key": "key2"}"#)
        try service.register(#"{"phone_number_id": "3", "waba_id": 77, "api_key": "key3"}"#)
        for key in ["key", "key2", "key3"] { try service.setCustomerWebhook(#"{"url":"https://own.example.com"}"#, key: key) }
        try service.setWABAWebhook(#"{"url":"https://w78.example.com","override_all":true}"#, key: "key2")
        service.sleep(100)
        try service.register(#"{"phone_number_id": "1", "waba_id": 78}"#)
        #expect(try service.customerWebhook() == #"{"url":"https://own.example.com"}"#)
        #expect(try service.customerWebhook(key: "key2") == "{}")
        try service.setWABAWebhook(#"{"url":"https://w77.example.com","override_all":true}"#, key: "key3")
        service.sleep(100)
        try service.register(#"{"phone_number_id": "3", "waba_id": 78}"#)
        #expect(try service.customerWebhook(key: "key3") == "{}")
    }

    @Test func anOverrideThatIsNotDueAtAMoveDoesNotFollowTheChannel() throws {
        let service = try ServiceUnderTest { $0.applyDelay = .milliseconds(100) }
        try service.setCustomerWebhook(#"{"url":"https://own.example.com"}"#)
        try service.setWABAWebhook(#"{"url":"https://w.example.com","override_all":true}"#)
        try service.register(#"{"phone_number_id": "1", "waba_id": 78}"#)
        service.sleep(1_000)
        #expect(try service.customerWebhook() == #"{"url":"https://own.example.com"}"#)
        #expect(try service.wabaWebhook() == #"{"waba_id":78,"numbers_on_this_waba":["+491"]}"#)
    }
}
