@testable import Fleet
import Support
import Testing
import WebhookModel

@Suite struct AccountDiffTests {
    private func lines(_ sections: String, _ actual: AccountSnapshot, force: Set<FleetOptions.Section> = []) throws -> [String] {
        try AccountDiff(of: account(sections), from: actual, force: force).actions.map(\.line)
    }

    private func lines(
        _ sections: String, enabled: Bool, _ destinations: [String], force: Set<FleetOptions.Section> = []
    ) throws -> [String] {
        let multi = #"{"enabled":\#(enabled),"destinations":[\#(destinations.joined(separator: ","))]}"#
        let actual = try number("main", multi: multi)
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
        #expect(
            try lines(both, enabled: true, [destination("crm")], force: [.multiWebhook]) == ["update crm", #"append ["bi"]"#])
    }

    @Test func forcedSectionsAreSentAndStillInSync() throws {
        let sections = #""customer_webhook":{"url":"https://main.example.com/"}"#
        let difference = try AccountDiff(of: account(sections), from: number("main"), force: [.customerWebhook])
        #expect(difference.actions.map(\.line) == ["customer https://main.example.com/"])
        #expect(difference.isInSync)
    }

    @Test func aNumberThatShouldFollowAndDoesNotIsShadowed() throws {
        let difference = try AccountDiff(of: account(#""customer_webhook":null"#), from: number("main"))
        #expect(difference.isShadowed && !difference.isInSync && difference.actions.isEmpty)
        #expect(try !AccountDiff(of: account(#""customer_webhook":null"#), from: number()).isShadowed)
    }

    private let wabaWithHeader = #""waba_webhook":{"url":"https://waba.example.com/","headers":{"X-A":"1"}}"#

    private func wabaDiffers(_ sections: String, _ actual: AccountSnapshot) throws -> Bool {
        try AccountDiff(of: account(sections), from: actual).wabaDiffers
    }

    @Test func aWABAWebhookWithoutHeadersHasNone() throws {
        #expect(try wabaDiffers(wabaWithHeader, number(waba: "waba", wabaHeaders: "null")))
        let plain = #""waba_webhook":{"url":"https://waba.example.com/"}"#
        #expect(try !wabaDiffers(plain, number(waba: "waba", wabaHeaders: "null")))
    }

    @Test func headerNamesFoldTheirCase() throws {
        #expect(try !wabaDiffers(wabaWithHeader, number(waba: "waba", wabaHeaders: #"{"x-a":"1"}"#)))
        #expect(try wabaDiffers(wabaWithHeader, number(waba: "waba", wabaHeaders: #"{"x-a":"2"}"#)))
    }

    @Test func urlsAreComparedAfterNormalisation() throws {
        let sections = #""customer_webhook":{"url":"https://MAIN.example.com"},"waba_webhook":{"url":"https://waba.example.com"}"#
        #expect(try AccountDiff(of: account(sections), from: number("main", waba: "waba")).isInSync)
    }

    @Test func customerHeadersAreComparedWhereTheyAreShown() throws {
        let given = #""customer_webhook":{"url":"https://main.example.com/","headers":{"A":"new"}}"#
        #expect(try lines(given, number("main", headers: #"{"a":"new"}"#)) == [])
        #expect(try lines(given, number("main", headers: #"{"A":"old"}"#)) == ["customer https://main.example.com/"])
        #expect(try lines(given, number("main")) == [])
        let leftOut = #""customer_webhook":{"url":"https://main.example.com/"}"#
        #expect(try lines(leftOut, number("main", headers: #"{"A":"old"}"#)) == [])
        #expect(
            try lines(
                #""customer_webhook":{"url":"https://main.example.com/","headers":{}}"#, number("main", headers: #"{"A":"1"}"#)
            ).count == 1)
    }

    @Test func headersThatAreNotManagedAreSentAlong() throws {
        let sections = #""customer_webhook":{"url":"https://new.example.com/"}"#
        let shown = try AccountDiff(of: account(sections), from: number("main", headers: #"{"A":"old"}"#))
        guard case .customerWebhookSet(let webhook) = shown.actions.first?.operation else { throw Failure.fault("no write") }
        #expect(webhook.headers == Headers([Headers.Field("A", "old")]) && shown.actions.first?.clearsHeaders == false)
        #expect(try AccountDiff(of: account(sections), from: number("main")).actions.first?.clearsHeaders == true)
        #expect(try AccountDiff(of: account(sections), from: number()).actions.first?.clearsHeaders == false)
    }

    @Test func aReadingWithoutEnabledIsOnIfItHasDestinations() throws {
        let actual = try number("main", multi: #"{"destinations":[\#(destination("crm")),\#(destination("bi"))]}"#)
        #expect(try lines(both2, actual) == [])
        #expect(try lines(both2, number("main", multi: #"{"enabled":null,"destinations":null}"#)) == [#"enable ["crm", "bi"]"#])
    }

    private var both2: String { #""multi_webhook":\#(both)"# }
}
