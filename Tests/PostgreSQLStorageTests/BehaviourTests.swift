import EmbeddedService
import Support
import Testing
import WebhookModel

@Suite("The service on PostgreSQL")
struct BehaviourTests {
    let database: TestDatabase
    let service: DatabaseService

    init() throws {
        database = try TestDatabase()
        service = try DatabaseService(database.url)
        try service.register(json: #"{"phone_number_id":"1","phone_number":"+491","waba_id":77,"api_key":"key1"}"#)
    }

    @Test func aChannelThatNeverSetAnythingIsDisabledAndEmpty() throws {
        #expect(try service.perform(.multiWebhookGet) == #"{"enabled":false,"destinations":[]}"#)
        #expect(try service.customerWebhook() == "{}")
        #expect(try service.wabaWebhook() == #"{"waba_id":77,"numbers_on_this_waba":["+491"]}"#)
    }

    @Test func destinationsAreSetAppendedUpdatedAndDeleted() throws {
        try service.perform(.multiWebhookSet(enabled: true, destinations: [DatabaseService.destination("crm")]))
        try service.append("audit", "billing")
        try service.update(#"{"name":"audit","url":"https://new.example.com"}"#)
        try service.perform(.multiWebhookDelete("crm"))
        #expect(
            try service.perform(.multiWebhookGet)
                == #"{"enabled":true,"destinations":[{"name":"audit","url":"https://new.example.com","headers":{}},"#
                + #"{"name":"billing","url":"https://hooks.example.com","headers":{}}]}"#)
        try service.perform(.multiWebhookSet(enabled: false, destinations: []))
        let rejected = #expect(throws: Failure.self) { try service.append("crm") }
        #expect(rejected?.status == .notEnabled)
        #expect(rejected?.attempts == 1)
        #expect(rejected?.outcome == .notApplied)
    }

    @Test func aRejectedChangeChangesNothing() throws {
        try service.enable()
        try service.append("crm")
        let taken = #expect(throws: Failure.self) { try service.append("audit", "crm") }
        #expect(taken?.status == .conflict)
        #expect(taken?.path == "/destinations/1/name")
        #expect(try service.names() == ["crm"])
    }

    @Test(arguments: [
        #"a"b"#, #"a\"#, "a,b", "]}", "\u{1F600}", "e\u{301}", "/", "%", "$1", "'", "\\000", "{}", "\u{FEFF}", "\u{200B}",
        String(repeating: "\u{10FFFF}", count: 128),
    ])
    func anyTextMayBeAName(_ name: String) throws {
        try service.enable()
        try service.append("a", name, "z")
        #expect(try service.names().map { ExactString($0) } == ["a", ExactString(name), "z"])
        #expect(throws: Failure.self) { try service.append(name) }
        try service.perform(.multiWebhookDelete(ExactString(name)))
        #expect(try service.names() == ["a", "z"])
    }

    @Test func aDocumentMayHaveMegabytes() throws {
        try service.enable()
        let path = String(repeating: "x", count: 2_000)
        let many = (0..<1_000).map {
            Destination(name: ExactString("\($0)"), webhook: Webhook(url: ExactString("https://a.example.com/\($0)\(path)")))
        }
        try service.perform(.multiWebhookAppend(many))
        #expect(try service.names() == (0..<1_000).map(String.init))
    }

    @Test func anUnknownKeyIsUnauthorizedForEveryOperation() throws {
        let webhook = Webhook(url: "https://a.example.com")
        let operations: [Operation] = [
            .multiWebhookGet, .multiWebhookSet(enabled: true, destinations: []), .multiWebhookAppend([]),
            .multiWebhookDelete("crm"),
            .customerWebhookGet, .customerWebhookSet(webhook), .wabaWebhookGet, .wabaWebhookSet(webhook, overrideAll: true),
        ]
        for operation in operations {
            let rejected = #expect(throws: Failure.self) { try service.perform(operation, "2") }
            #expect(rejected?.status == .unauthorized)
        }
    }

    @Test func theWABAsWebhookIsOneForItsChannelsAndRemovesTheirOwn() throws {
        try service.register("2")
        try service.register("3", waba: 78)
        for id in ["1", "2", "3"] { try service.setCustomerWebhook("https://own.example.com", id) }
        try service.setWABAWebhook(overrideAll: true)
        #expect(
            try service.wabaWebhook("2")
                == #"{"url":"https://w.example.com","headers":{},"waba_id":77,"numbers_on_this_waba":["+491","2"]}"#)
        #expect(try service.customerWebhook("2") == "{}")
        #expect(try service.customerWebhook("3") == #"{"url":"https://own.example.com"}"#)
    }

    @Test func channelsAreListedAsRegistered() throws {
        try service.register(json: #"{"phone_number_id":"0","waba_id":9223372036854775807,"api_key":"key0"}"#)
        #expect(
            try service.service.listChannels(call: DatabaseService.call())
                == #"{"channels":[{"phone_number_id":"1","phone_number":"+491","waba_id":77},"#
                + #"{"phone_number_id":"0","waba_id":9223372036854775807}]}"#)
        try service.setCustomerWebhook("https://own.example.com", "0")
        #expect(try service.customerWebhook("0") == #"{"url":"https://own.example.com"}"#)
    }

    @Test func registeringAgainReplacesOnlyWhatIsGiven() throws {
        try service.enable()
        try service.append("crm")
        try service.register(json: #"{"phone_number_id":"1","api_key":"keynew"}"#)
        #expect(throws: Failure.self) { try service.names() }
        #expect(try service.names("new") == ["crm"])
        try service.register(json: #"{"phone_number_id":"1","phone_number":"+492"}"#)
        #expect(try service.wabaWebhook("new") == #"{"waba_id":77,"numbers_on_this_waba":["+492"]}"#)
        let missing = #expect(throws: Failure.self) { try service.register(json: #"{"phone_number_id":"2","waba_id":5}"#) }
        #expect(missing?.message == "api_key is missing")
    }

    @Test func aKeyOfAnotherNumberIsAConflict() throws {
        let rejected = #expect(throws: Failure.self) {
            try service.register(json: #"{"phone_number_id":"2","waba_id":77,"api_key":"key1"}"#)
        }
        #expect(rejected?.status == .conflict)
        #expect(rejected?.path == "/api_key")
    }

    @Test func removingAChannelRemovesItsConfiguration() throws {
        try service.enable()
        try service.append("crm")
        try service.setWABAWebhook()
        try service.remove("1")
        #expect(throws: Failure.self) { try service.names() }
        let unknown = #expect(throws: Failure.self) { try service.remove("1") }
        #expect(unknown?.status == .notFound)
        try service.register("1")
        #expect(try service.names() == [])
        #expect(try service.wabaWebhook() == #"{"waba_id":77,"numbers_on_this_waba":["1"]}"#)
    }

    @Test func movingAChannelKeepsItsOwnConfigurationAndReadsTheNewWABA() throws {
        try service.register("2", waba: 78)
        try service.enable()
        try service.append("crm")
        try service.setCustomerWebhook()
        try service.setWABAWebhook("https://w77.example.com")
        try service.setWABAWebhook("https://w78.example.com", "2")
        try service.register(json: #"{"phone_number_id":"1","waba_id":78}"#)
        #expect(try service.names() == ["crm"])
        #expect(try service.customerWebhook() == #"{"url":"https://own.example.com"}"#)
        #expect(
            try service.wabaWebhook()
                == #"{"url":"https://w78.example.com","headers":{},"waba_id":78,"numbers_on_this_waba":["+491","2"]}"#)
        // The webhook of 77 went with its last channel.
        try service.register("3")
        #expect(try service.wabaWebhook("3") == #"{"waba_id":77,"numbers_on_this_waba":["3"]}"#)
    }

    @Test func whatWasWrittenIsSeenByAnotherStorage() throws {
        try service.enable()
        try service.append("crm")
        #expect(try DatabaseService(database.url).names() == ["crm"])
    }

    @Test func noKeyIsInTheDatabase() throws {
        let found = try database.session().run("SELECT count(*) FROM d360_webhook.channel AS c WHERE c::text LIKE '%key1%'")
        #expect(found == ["0"])
    }
}

/// By the database's clock: the service's own says 1970 here.
@Suite("Delays on PostgreSQL")
struct DelayTests {
    /// Milliseconds; a statement takes far less.
    static let delay = 1_000
    let database: TestDatabase
    let service: DatabaseService

    init() throws {
        database = try TestDatabase()
        service = try DatabaseService(database.url) {
            $0.multiApplyDelay = .milliseconds(Self.delay)
            $0.applyDelay = .milliseconds(Self.delay)
        }
        try service.register("1")
    }

    @Test func readingsShowEveryStateInItsTurnAndWritesAreJudgedByTheNewest() throws {
        try service.enable()
        try service.append("a")
        #expect(try service.perform(.multiWebhookGet) == #"{"enabled":false,"destinations":[]}"#)
        sleep(milliseconds: Self.delay / 2)
        try service.append("b")
        #expect(throws: Failure.self) { try service.append("b") }
        var seen: [[String]] = []
        while seen.last != ["a", "b"] {
            let names = try service.names()
            if seen.last != names { seen.append(names) }
            sleep(milliseconds: 5)
        }
        #expect(seen == [[], ["a"], ["a", "b"]])
        try service.append("c")
        // What nobody can read any more is gone.
        #expect(try database.session().run("SELECT shows_at FROM d360_webhook.earlier_multi_webhook") == ["0"])
        sleep(milliseconds: Self.delay)
        #expect(try service.names() == ["a", "b", "c"])
        try DatabaseService(database.url).append("d")
        #expect(try service.names() == ["a", "b", "c", "d"])
        #expect(try database.session().run("SELECT count(*) FROM d360_webhook.earlier_multi_webhook") == ["0"])
    }

    @Test func aPendingWABAWebhookAppliesWhenItIsDueAndTheLatestWins() throws {
        try service.setCustomerWebhook()
        try service.setWABAWebhook("https://one.example.com")
        try service.setWABAWebhook("https://two.example.com", overrideAll: true)
        #expect(try service.wabaWebhook() == #"{"waba_id":77,"numbers_on_this_waba":["1"]}"#)
        #expect(try service.customerWebhook() != "{}")
        sleep(milliseconds: Self.delay)
        #expect(try service.wabaWebhook().contains("two.example.com"))
        #expect(try service.customerWebhook() == "{}")
        try service.setCustomerWebhook("https://later.example.com")
        #expect(try service.customerWebhook() == #"{"url":"https://later.example.com"}"#)
        #expect(try service.wabaWebhook().contains("two.example.com"))
    }

    @Test func anOverrideThatIsDueHappensBeforeAMoveAndOneThatIsNotDoesNotFollow() throws {
        try service.register("2")
        for id in ["1", "2"] { try service.setCustomerWebhook("https://own.example.com", id) }
        try service.setWABAWebhook(overrideAll: true)
        try service.register(json: #"{"phone_number_id":"2","waba_id":78}"#)
        sleep(milliseconds: Self.delay)
        #expect(try service.customerWebhook("2") == #"{"url":"https://own.example.com"}"#)
        try service.register(json: #"{"phone_number_id":"1","waba_id":78}"#)
        #expect(try service.customerWebhook() == "{}")
        #expect(try service.wabaWebhook() == #"{"waba_id":78,"numbers_on_this_waba":["1","2"]}"#)
    }
}
