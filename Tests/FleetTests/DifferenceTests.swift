import Fleet
import Testing
import WebhookModel

@Suite struct DifferenceTests {
    private func lines(_ sections: String, _ actual: Actual, force: Set<Section> = []) throws -> [String] {
        try Difference(of: account(sections), from: actual, force: force).actions.map(\.line)
    }

    private func lines(
        _ sections: String, enabled: Bool, _ destinations: [Destination], force: Set<Section> = []
    ) throws -> [String] {
        var actual = number("main")
        actual.multi = ShownMulti(enabled: enabled, destinations: destinations)
        return try lines(#""multi_webhook":\#(sections)"#, actual, force: force)
    }

    private let both = """
        {"destinations":[{"name":"crm","url":"https://crm.example.com/"},{"name":"bi","url":"https://bi.example.com/"}]}
        """
    private let pruned = #"{"prune":true,"destinations":[{"name":"crm","url":"https://crm.example.com/"}]}"#

    @Test func whatIsNotManagedIsLeftAlone() throws { #expect(try lines("", number()) == []) }

    @Test func whatAgreesNeedsNothing() throws {
        #expect(try lines(#""customer_webhook":{"url":"https://main.example.com/"}"#, number("main")) == [])
        #expect(try lines(both, enabled: true, [destination("bi"), destination("crm")]) == [])
    }

    @Test func missingDestinationsAreOneAppend() throws {
        #expect(try lines(both, enabled: true, []) == [#"append ["crm", "bi"]"#])
    }

    @Test func enablingCarriesTheMissingDestinations() throws {
        #expect(try lines(both, enabled: false, []) == [#"enable ["crm", "bi"]"#])
        #expect(try lines(both, enabled: false, [destination("crm")]) == [#"enable ["bi"]"#])
        #expect(try lines(both, enabled: false, [destination("crm"), destination("bi")]) == ["enable []"])
    }

    @Test func enablingCarriesNothingWhereSomethingIsToBeDeleted() throws {
        #expect(
            try lines(pruned, enabled: false, [destination("old"), destination("older")])
                == ["enable []", "delete old", "delete older", #"append ["crm"]"#])
    }

    @Test func aChangedDestinationIsAnUpdate() throws {
        #expect(try lines(both, enabled: true, [destination("crm", "old"), destination("bi")]) == ["update crm"])
    }

    @Test func nothingIsDeletedUnlessPruned() throws {
        #expect(try lines(both, enabled: true, [destination("crm"), destination("bi"), destination("old")]) == [])
        #expect(try lines(pruned, enabled: true, [destination("crm"), destination("old")]) == ["delete old"])
    }

    @Test func deletesComeBeforeUpdatesAndAppends() throws {
        let section = """
            {"prune":true,"destinations":[{"name":"crm","url":"https://crm.example.com/"},{"name":"bi","url":"https://bi.example.com/"}]}
            """
        #expect(
            try lines(section, enabled: true, [destination("crm", "old"), destination("old")])
                == ["delete old", "update crm", #"append ["bi"]"#])
    }

    @Test func turningOffIsOneWriteAndKeepsTheDestinations() throws {
        #expect(try lines(#"{"enabled":false}"#, enabled: true, [destination("crm")]) == ["disable"])
        #expect(try lines(#"{"enabled":false}"#, enabled: false, [destination("crm")]) == [])
    }

    @Test func forceUpdatesEachDestinationThatIsThere() throws {
        #expect(try lines(both, enabled: true, [destination("crm")], force: [.multi]) == ["update crm", #"append ["bi"]"#])
    }

    @Test func forcedSectionsAreSentAndStillInSync() throws {
        let sections = #""customer_webhook":{"url":"https://main.example.com/"}"#
        let difference = try Difference(of: account(sections), from: number("main"), force: [.customer])
        #expect(difference.actions.map(\.line) == ["customer https://main.example.com/"])
        #expect(difference.isInSync)
    }

    @Test func aNumberThatShouldFollowAndDoesNotIsShadowed() throws {
        let difference = try Difference(of: account(#""customer_webhook":null"#), from: number("main"))
        #expect(difference.isShadowed && !difference.isInSync && difference.actions.isEmpty)
        #expect(try !Difference(of: account(#""customer_webhook":null"#), from: number()).isShadowed)
    }

    @Test func headersThatAreNotShownAreNotCompared() throws {
        var actual = number()
        actual.waba = ShownWebhook(url: url("waba"), headers: nil)
        #expect(try lines(#""waba_webhook":{"url":"https://waba.example.com/","headers":{"A":"1"}}"#, actual) == [])
    }

    @Test func headerNamesFoldTheirCase() throws {
        var headers = Headers()
        headers.fields = [("x-a", "1")]
        var actual = number()
        actual.waba = ShownWebhook(url: url("waba"), headers: headers)
        #expect(try lines(#""waba_webhook":{"url":"https://waba.example.com/","headers":{"X-A":"1"}}"#, actual) == [])
        #expect(try lines(#""waba_webhook":{"url":"https://waba.example.com/","headers":{"X-A":"2"}}"#, actual).count == 1)
    }
}
