@testable import Fleet
import Testing
import WebhookModel

/// What a plan stands on: any change of it must change the digest.
@Suite struct DigestTests {
    private let sections =
        #""customer_webhook":{"url":"https://own.example.com/"},"waba_webhook":{"url":"https://waba.example.com/"}"#

    private func digest(_ sections: String, _ actual: Actual, force: Set<Section> = []) throws -> String {
        let account = try account(sections)
        return try Digest.of(account, actual, Difference(of: account, from: actual, force: force))
    }

    @Test func itIsTheSameForTheSame() throws {
        let one = try digest(sections, number("old", waba: "waba"))
        #expect(try one == digest(sections, number("old", waba: "waba")))
        #expect(one.utf8.count == 64)
    }

    @Test func whatWasReadCounts() throws {
        let before = try digest(sections, number("old", waba: "waba"))
        var more = number("old", waba: "waba")
        more.multi = ShownMulti(enabled: false)
        var headers = Headers()
        headers.fields = [("A", "1")]
        var other = number("old", waba: "waba")
        other.waba = ShownWebhook(url: url("waba"), headers: headers)
        for actual in [
            number("older", waba: "waba"), number(waba: "waba"), number("old"), number("old", waba: "waba", on: 2),
            number("old", waba: "waba", numbers: ["+49 30 1", "+49 30 2"]), more, other,
        ] { #expect(try digest(sections, actual) != before) }
    }

    @Test func whatWouldBeSentCounts() throws {
        let actual = number("own", waba: "waba")
        let before = try digest(sections, actual)
        #expect(try digest(#""customer_webhook":{"url":"https://new.example.com/"}"#, actual) != before)
        #expect(try digest(sections, actual, force: [.customer]) != before)
        #expect(try digest(#""customer_webhook":{"url":"https://own.example.com/"}"#, actual) == before)
    }

    @Test func overrideAllCountsWhereItIsSent() throws {
        let override = #""waba_webhook":{"url":"https://waba.example.com/","override_all":true}"#
        let plain = #""waba_webhook":{"url":"https://waba.example.com/"}"#
        #expect(try digest(override, number()) != digest(plain, number()))
    }

    @Test func namesAndHeadersCannotStandForEachOther() throws {
        var one = number()
        one.multi = ShownMulti(enabled: true, destinations: [destination("a"), destination("b")])
        var other = number()
        other.multi = ShownMulti(enabled: true, destinations: [destination("b"), destination("a")])
        #expect(try digest("", one) != digest("", other))
    }

    @Test func itIsUnderTheAccountsKey() throws {
        let accounts = try accounts(#"{"accounts":[{"name":"a","api_key":"one"},{"name":"b","api_key":"two"}]}"#)
        let digests = try accounts.map { try Digest.of($0, number(), Difference(of: $0, from: number())) }
        #expect(Set(digests).count == 2)
    }
}
