import EmbeddedService
import Support
import Testing
import WebhookModel

@Suite("The rules of destinations")
struct MultiWebhookTests {
    static let started = #"{"message":"Operation started successfully"}"#

    @Test func aChannelThatNeverSetAnythingIsDisabledAndEmpty() throws {
        #expect(try ServiceUnderTest().shown() == #"{"enabled":false,"destinations":[]}"#)
    }

    @Test func everyWriteAnswersTheVendorsText() throws {
        let service = try ServiceUnderTest()
        #expect(try service.set(document(destination("crm"))) == Self.started)
        #expect(try service.append(list(destination("audit"))) == Self.started)
        #expect(try service.update(#"{"name":"crm","url":"https://new.example.com"}"#) == Self.started)
        #expect(try service.delete("audit") == #"{"message":"Destination deleted successfully"}"#)
        #expect(
            try service.shown()
                == #"{"enabled":true,"destinations":[{"name":"crm","url":"https://new.example.com","headers":{}}]}"#)
    }

    @Test func membersAreShownInOneOrderWhateverTheRequests() throws {
        let service = try ServiceUnderTest()
        try service.set(
            #"{"destinations":[{"headers":{"b":"2","A":"1"},"url":"https://a.example.com","name":"a"}],"enabled":true}"#)
        #expect(
            try service.shown()
                == #"{"enabled":true,"destinations":[{"name":"a","url":"https://a.example.com","headers":{"b":"2","A":"1"}}]}"#)
    }

    @Test func disablingKeepsTheDestinationsAndEnablingBringsThemBack() throws {
        let service = try ServiceUnderTest()
        try service.set(document(destination("crm")))
        try service.set(#"{"enabled":false}"#)
        #expect(try service.shown() == document(destination("crm"), enabled: false))
        try service.set(#"{"enabled":false}"#)
        try service.set(#"{"enabled":true}"#)
        #expect(try service.shown() == document(destination("crm")))
    }

    @Test func enablingAppendsToTheDormantDestinations() throws {
        let service = try ServiceUnderTest()
        try service.set(document(destination("crm")))
        try service.set(#"{"enabled":false}"#)
        let taken = #expect(throws: Failure.self) { try service.set(document(destination("audit"), destination("crm"))) }
        #expect(taken?.status == .conflict)
        #expect(taken?.path == "/destinations/1/name")
        #expect(try service.shown() == document(destination("crm"), enabled: false))
        try service.set(document(destination("audit")))
        #expect(try service.shown() == document(destination("crm"), destination("audit")))
    }

    @Test func enablingWhatIsEnabledChangesNothingAndTakesNoDestinations() throws {
        let service = try ServiceUnderTest()
        try service.set(document(destination("crm")))
        try service.set(#"{"enabled":true}"#)
        try service.set(#"{"enabled":true,"destinations":[]}"#)
        let refused = #expect(throws: Failure.self) { try service.set(document(destination("audit"))) }
        #expect(refused?.status == .conflict)
        #expect(refused?.path == "/destinations")
        #expect(refused?.message.contains("append") == true)
        #expect(try service.shown() == document(destination("crm")))
    }

    @Test func writesToDestinationsNeedMultiWebhookOn() throws {
        let service = try ServiceUnderTest()
        let writes: [() throws -> String] = [
            { try service.append(list(destination("crm"))) },
            { try service.update(#"{"name":"crm","headers":{}}"#) },
            { try service.delete("crm") },
        ]
        for write in writes {
            let refused = #expect(throws: Failure.self) { try write() }
            #expect(refused?.status == .notEnabled)
            #expect(refused?.message == "multi-webhook is not enabled")
            #expect(refused?.path == nil)
            #expect(refused?.attempts == 1)
            #expect(refused?.outcome == .notApplied)
            #expect(refused?.retryable == false)
        }
    }

    @Test func aTakenNameRefusesTheWholeAppend() throws {
        let service = try ServiceUnderTest()
        try service.set(document(destination("crm")))
        let refused = #expect(throws: Failure.self) { try service.append(list(destination("audit"), destination("crm"))) }
        #expect(refused?.status == .conflict)
        #expect(refused?.message == "destination name 'crm' is taken")
        #expect(refused?.path == "/destinations/1/name")
        #expect(try service.shown() == document(destination("crm")))
    }

    @Test func theMaximumHoldsForTheSum() throws {
        let service = try ServiceUnderTest()
        try service.set(document(destination("a"), destination("b")))
        let refused = #expect(throws: Failure.self) { try service.append(list(destination("c"), destination("d"))) }
        #expect(refused?.status == .limitExceeded)
        #expect(refused?.path == "/destinations")
        #expect(try service.shown() == document(destination("a"), destination("b")))
        try service.append(list(destination("c")))
    }

    @Test func aTakenNameComesBeforeTheMaximum() throws {
        let service = try ServiceUnderTest { $0.maxDestinations = 1 }
        try service.set(document(destination("a")))
        let refused = #expect(throws: Failure.self) { try service.append(list(destination("b"), destination("a"))) }
        #expect(refused?.status == .conflict)
    }

    @Test func aMaximumBelowWhatIsThereRefusesMoreAndKeepsTheRest() throws {
        var state = MultiWebhook()
        let webhook = Webhook(url: "https://a.example.com")
        _ = try state.enable([.init(name: "a", webhook: webhook), .init(name: "b", webhook: webhook)], maximum: 3)
        let before = state.document()
        let refused = #expect(throws: Failure.self) { try state.append([.init(name: "c", webhook: webhook)], maximum: 1) }
        #expect(refused?.status == .limitExceeded)
        #expect(state.document() == before)
    }

    @Test func anUpdateChangesOnlyWhatItNames() throws {
        let service = try ServiceUnderTest()
        try service.set(document(destination("crm", headers: #"{"X":"1"}"#)))
        try service.update(#"{"name":"crm","url":"https://new.example.com"}"#)
        #expect(try service.shown().contains(#""url":"https://new.example.com","headers":{"X":"1"}"#))
        try service.update(#"{"name":"crm","headers":{"Y":"2"}}"#)
        #expect(try service.shown().contains(#""url":"https://new.example.com","headers":{"Y":"2"}"#))
        try service.update(#"{"name":"crm","headers":{}}"#)
        #expect(try service.shown().contains(#""headers":{}"#))
    }

    @Test(arguments: ["CRM", "", "crm ", String(repeating: "x", count: 129)])
    func anUnknownNameIsNotFound(_ name: String) throws {
        let service = try ServiceUnderTest()
        try service.set(document(destination("crm")))
        let update = #expect(throws: Failure.self) { try service.update(#"{"name":"\#(name)","headers":{}}"#) }
        #expect(update?.status == .notFound)
        #expect(update?.path == "/name")
        let delete = #expect(throws: Failure.self) { try service.delete(name) }
        #expect(delete?.status == .notFound)
        #expect(delete?.path == nil)
    }

    @Test func namesThatDifferOnlyByNormalisationAreTwo() throws {
        let service = try ServiceUnderTest()
        let url = #""url":"https://a.example.com""#
        try service.set(#"{"enabled":true,"destinations":[{"name":"\#u{E9}",\#(url)},{"name":"e\#u{301}",\#(url)}]}"#)
        try service.delete("e\u{301}")
        let shown = try service.shown()
        #expect(Array(shown.utf8) == Array(#"{"enabled":true,"destinations":[{"name":"\#u{E9}",\#(url),"headers":{}}]}"#.utf8))
    }

    @Test(arguments: [#"a"b"#, #"a\"#, #"\""#, "a,b", "{}", "]}", #""},{"name":"x"#, "\u{1F600}", "/"])
    func anyTextMayBeANameOrAHeadersValue(_ text: String) throws {
        let service = try ServiceUnderTest()
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let others = [destination("a", headers: #"{"X":"\#(escaped)"}"#), destination("z")]
        let named = #"{"name":"\#(escaped)","url":"https://n.example.com","headers":{"X":"\#(escaped)"}}"#
        try service.set(document(others[0], named, others[1]))
        try service.update(#"{"name":"\#(escaped)","url":"https://new.example.com"}"#)
        #expect(try service.shown() == document(others[0], named.replacing("n.example", with: "new.example"), others[1]))
        let taken = #expect(throws: Failure.self) { try service.append(list(named)) }
        #expect(taken?.status == .conflict)
        try service.delete(text)
        #expect(try service.shown() == document(others[0], others[1]))
        try service.set(#"{"enabled":false}"#)
        #expect(try service.shown() == document(others[0], others[1], enabled: false))
    }

    @Test(arguments: [
        "", "{}", "[]", #"{"enabled":true,"destinations":["#, #"{"enabled":true,"destinations":[{"name":"a"]}"#,
        #"{"enabled":true,"destinations":[{"url":"a"}]}"#, #"{"destinations":[],"enabled":true}"#,
        #"{"enabled":true,"destinations":[{"name":"a]}"#,
    ])
    func aDocumentThatIsNotOursIsAStorageError(_ text: String) throws {
        let refused = #expect(throws: Failure.self) { try MultiWebhook(document: text) }
        #expect(refused?.status == .storageError)
    }

    @Test func anUnknownKeyIsUnauthorizedForEveryOperation() throws {
        let service = try ServiceUnderTest()
        let calls: [() throws -> String] = [
            { try service.shown(key: "other") },
            { try service.set(#"{"enabled":true}"#, key: "other") },
            { try service.append(list(destination("crm")), key: "other") },
            { try service.update(#"{"name":"crm","headers":{}}"#, key: "other") },
            { try service.delete("crm", key: "other") },
            { try service.customerWebhook(key: "other") },
            { try service.setCustomerWebhook(#"{"url":"https://a.example.com"}"#, key: "other") },
            { try service.wabaWebhook(key: "other") },
            { try service.setWABAWebhook(#"{"url":"https://a.example.com"}"#, key: "other") },
        ]
        for call in calls {
            let refused = #expect(throws: Failure.self) { try call() }
            #expect(refused?.status == .unauthorized)
            #expect(refused?.attempts == 1)
        }
    }
}

@Suite("A delay until destinations show")
struct MultiApplyDelayTests {
    @Test func readingsShowTheStateBeforeAndWritesAreJudgedByTheNewest() throws {
        let service = try ServiceUnderTest { $0.multiApplyDelay = .milliseconds(300) }
        try service.set(document(destination("a")))
        #expect(try service.shown() == #"{"enabled":false,"destinations":[]}"#)
        try service.append(list(destination("b")))
        let taken = #expect(throws: Failure.self) { try service.append(list(destination("b"))) }
        #expect(taken?.status == .conflict)
        service.sleep(299)
        #expect(try service.shown() == #"{"enabled":false,"destinations":[]}"#)
        service.sleep(1)
        #expect(try service.shown() == document(destination("a"), destination("b")))
    }

    @Test func everyStateShowsInItsTurn() throws {
        let service = try ServiceUnderTest { $0.multiApplyDelay = .milliseconds(100) }
        try service.set(document(destination("a")))
        service.sleep(40)
        try service.append(list(destination("b")))
        service.sleep(40)
        try service.delete("a")
        var seen: [String] = []
        for _ in 0..<10 {
            let shown = try service.shown()
            if seen.last != shown { seen.append(shown) }
            service.sleep(20)
        }
        #expect(
            seen == [
                #"{"enabled":false,"destinations":[]}"#, document(destination("a")),
                document(destination("a"), destination("b")), document(destination("b")),
            ])
    }

    @Test func aClockThatIsSetBackDoesNotHideWhatWasShownBeforeTheNewest() throws {
        let service = try ServiceUnderTest { $0.multiApplyDelay = .milliseconds(100) }
        try service.set(document(destination("a")))
        service.sleep(100)
        try service.append(list(destination("b")))
        service.sleep(-1_000)
        #expect(try service.shown() == document(destination("a")))
    }

    @Test func withoutADelayAClockThatIsSetBackChangesNothing() throws {
        let service = try ServiceUnderTest()
        try service.set(document(destination("a")))
        service.sleep(-900_000)
        #expect(try service.shown() == document(destination("a")))
    }
}
