@testable import Fleet
import Support
import Testing
import WebhookModel

/// What a plan rests on: any change of it must change the digest.
@Suite struct PlanDigestTests {
    private let sections =
        #""customer_webhook":{"url":"https://own.example.com/"},"waba_webhook":{"url":"https://waba.example.com/"}"#

    private func digest(
        _ sections: String, _ snapshot: AccountSnapshot, key: String = "key", force: Set<FleetOptions.Section> = [],
        allowUnlisted: Bool = false
    ) throws -> String {
        var document = FleetDocument()
        document.accounts = try accounts(
            #"{"accounts":[{"name":"a","api_key":"\#(key)"\#(sections.isEmpty ? "" : ",")\#(sections)}]}"#)
        var options = FleetOptions()
        options.force = force
        options.allowUnlisted = allowUnlisted
        return try #require(try FleetPlan(document, [.snapshot(snapshot)], options).digest(of: 0))
    }

    @Test func itIsTheSameForTheSame() throws {
        let one = try digest(sections, number("old", waba: "waba"))
        #expect(try one == digest(sections, number("old", waba: "waba")))
        #expect(one.utf8.count == 64)
    }

    @Test func whatWasReadCounts() throws {
        let managed = sections + #","multi_webhook":{}"#
        let before = try digest(managed, number("old", waba: "waba", multi: #"{"enabled":true}"#))
        let multi = #"{"enabled":true,"destinations":[\#(destination("a"))]}"#
        let on = #"{"enabled":true}"#
        for snapshot in [
            try number("older", waba: "waba", multi: on), try number(waba: "waba", multi: on), try number("old", multi: on),
            try number("old", waba: "waba", on: 2, multi: on), try number("old", waba: "waba", multi: multi),
            try number("old", waba: "waba", numbers: #"["+49 30 1","+49 30 2"]"#, multi: on),
            try number("old", waba: "waba", wabaHeaders: #"{"A":"1"}"#, multi: on),
            try number("old", headers: #"{"A":"1"}"#, waba: "waba", multi: on),
        ] { #expect(try digest(managed, snapshot) != before) }
    }

    @Test(arguments: [3, 30]) func theOrderOfNumbersDoesNotCount(_ count: Int) throws {
        let numbers = (1...count).map { "\"+\($0)\"" }
        let one = try number(numbers: "[\(numbers.joined(separator: ","))]")
        let other = try number(numbers: "[\(numbers.reversed().joined(separator: ","))]")
        #expect(try digest("", one) == digest("", other))
    }

    @Test func destinationsThatAreNotManagedDoNotCount() throws {
        let read = try number("own", multi: #"{"enabled":true,"destinations":[\#(destination("a"))]}"#)
        #expect(try digest("", read) == digest("", number("own")))
    }

    @Test func whatWouldBeSentCounts() throws {
        let actual = try number("own", waba: "waba")
        let before = try digest(sections, actual)
        #expect(try digest(#""customer_webhook":{"url":"https://new.example.com/"}"#, actual) != before)
        #expect(try digest(sections, actual, force: [.customerWebhook]) != before)
        #expect(try digest(sections, actual, allowUnlisted: true) != before)
        #expect(try digest(#""customer_webhook":{"url":"https://own.example.com/"}"#, actual) == before)
    }

    @Test func overrideAllCountsWhereItIsSent() throws {
        let override = #""expect":{"number":"49301"},"waba_webhook":{"url":"https://waba.example.com/","override_all":true}"#
        let plain = #""expect":{"number":"49301"},"waba_webhook":{"url":"https://waba.example.com/"}"#
        #expect(try digest(override, number()) != digest(plain, number()))
    }

    @Test func namesAndHeadersCannotStandForEachOther() throws {
        func multi(_ names: String...) -> String {
            #"{"enabled":true,"destinations":[\#(names.map { destination($0) }.joined(separator: ","))]}"#
        }
        let section = #""multi_webhook":{}"#
        #expect(try digest(section, number(multi: multi("a", "b"))) != digest(section, number(multi: multi("b", "a"))))
    }

    @Test func itIsUnderTheAccountsKey() throws {
        #expect(try digest("", number(), key: "one") != digest("", number(), key: "two"))
    }
}
