@testable import Fleet
import Support
import Testing

/// One WABA for several accounts. Numbers are "1", "2", …; a name in `actual` is the host of a webhook of its own.
@Suite struct FleetPlanTests {
    private let waba = #""waba_webhook":{"url":"https://waba.example.com/"}"#
    private let override = #""waba_webhook":{"url":"https://waba.example.com/","override_all":true}"#
    private let follows = #""customer_webhook":null"#
    private let own = #""customer_webhook":{"url":"https://own.example.com/"}"#

    /// Each account: its sections, and what it has; nil if it could not be read.
    private func plan(
        _ members: [(sections: String, actual: AccountSnapshot?)], expecting: Bool = true, allowUnlisted: Bool = false,
        force: Set<FleetOptions.Section> = [], rejected: [Int: FleetPlan.Rejection] = [:], notSelected: Set<Int> = []
    ) throws -> FleetPlan {
        let texts = members.enumerated().map { index, member in
            let expect = expecting ? #","expect":{"number":"\#(index + 1)"}"# : ""
            return
                #"{"name":"\#(index)","api_key":"k\#(index)"\#(expect)\#(member.sections.isEmpty ? "" : ",")\#(member.sections)}"#
        }
        var document = FleetDocument()
        document.accounts = try accounts(#"{"accounts":[\#(texts.joined(separator: ","))]}"#)
        var options = FleetOptions()
        options.force = force
        options.allowUnlisted = allowUnlisted
        let readings: [AccountReading] = members.enumerated().map { index, member in
            if notSelected.contains(index) { return .notRead }
            return member.actual.map { .snapshot($0) } ?? .failed(.unauthorized, wabaID: nil)
        }
        return try FleetPlan(document, readings, options, rejected: rejected)
    }

    private func shown(_ customer: String? = nil, waba: String? = nil, of count: Int) throws -> AccountSnapshot {
        try number(customer, waba: waba, numbers: "[" + (1...count).map { #""+\#($0)""# }.joined(separator: ",") + "]")
    }

    private func lines(_ plan: FleetPlan) -> [[String]] { plan.accounts.map { $0?.actions.map(\.line) ?? [] } }

    /// The accounts that fail, and why.
    private func failures(_ plan: FleetPlan) -> [Int: Failure] {
        var failures: [Int: Failure] = [:]
        for (index, account) in plan.accounts.enumerated() { failures[index] = account?.rejection?.failure }
        return failures
    }

    @Test func theFirstAccountThatAsksCarriesTheAction() throws {
        let result = try plan([("", shown(of: 3)), (waba, shown(of: 3)), (waba, shown(of: 3))])
        #expect(lines(result) == [[], ["waba https://waba.example.com/"], []])
        #expect(result.wabaChanges.map(\.leader) == [1] && result.wabaChanges.map(\.followers) == [[2]])
    }

    @Test func anAccountThatCannotBeReadDoesNotCarry() throws {
        let result = try plan([(waba, nil), (waba, shown(of: 2))])
        #expect(lines(result) == [[], ["waba https://waba.example.com/"]])
    }

    @Test func accountsThatDisagreeFailAlike() throws {
        let other = #""waba_webhook":{"url":"https://other.example.com/"}"#
        let result = try plan([(waba, shown(of: 3)), (other, shown(of: 3)), (own, shown(of: 3))])
        #expect(failures(result).keys.sorted() == [0, 1])
        #expect(failures(result).values.allSatisfy { $0.status == .invalidRequest })
        #expect(lines(result) == [[], [], ["customer https://own.example.com/"]])
    }

    @Test func overrideHoldsIfOneAsksForIt() throws {
        let result = try plan([(waba, shown(of: 2)), (override + "," + follows, shown("old", of: 2))])
        #expect(lines(result) == [[#"waba https://waba.example.com/ over ["+2"]"#], []])
        #expect(result.wabaChanges.first?.overridden == [1])
    }

    @Test func overrideIsNotSentForItself() throws {
        let result = try plan([(override + "," + own, shown("own", waba: "waba", of: 1))])
        #expect(lines(result) == [[]])
    }

    @Test func overrideIsSentForANumberThatShouldFollow() throws {
        let result = try plan([(override + "," + follows, shown("old", waba: "waba", of: 1))])
        #expect(lines(result) == [[#"waba https://waba.example.com/ over ["+1"]"#]])
    }

    @Test func webhooksThatTheDocumentGivesAreSetAgain() throws {
        let result = try plan([(override + "," + follows, shown("old", of: 2)), (own, shown("own", of: 2))])
        #expect(lines(result) == [[#"waba https://waba.example.com/ over ["+1", "+2"]"#], ["customer https://own.example.com/"]])
        #expect(result.accounts[1]?.actions.first?.changes.isEmpty == true)
    }

    @Test func aNumberThatTheDocumentDoesNotNameIsNotOverridden() throws {
        let members = [(override, try shown(of: 2) as AccountSnapshot?)]
        #expect(try failures(plan(members))[0]?.path == "/waba_webhook/override_all")
        let allowed = try plan(members, allowUnlisted: true)
        #expect(failures(allowed).isEmpty)
        #expect(lines(allowed) == [[#"waba https://waba.example.com/ over ["+2"]"#]])
    }

    @Test func aNumberWhoseAccountCannotBeReadIsNotOverridden() throws {
        let result = try plan([(override, shown(of: 2)), (own, nil)])
        #expect(failures(result).keys.sorted() == [0])
    }

    @Test func anOwnWebhookThatIsNotManagedIsNotTaken() throws {
        #expect(try failures(plan([(override, shown(of: 2)), ("", shown("own", of: 2))])).keys.sorted() == [0])
        #expect(try failures(plan([(override, shown(of: 2)), ("", shown(of: 2))])).isEmpty)
    }

    @Test func anAccountNamedOtherwiseThanByItsNumberDoesNotCount() throws {
        #expect(try failures(plan([(override, shown(of: 1))], expecting: false)).keys.sorted() == [0])
    }

    @Test func forceSendsAWebhookThatAgrees() throws {
        let result = try plan([(waba, shown(waba: "waba", of: 1))], force: [.wabaWebhook])
        #expect(lines(result) == [["waba https://waba.example.com/"]])
    }

    @Test func allowUnlistedIsForNumbersThatNoAccountNames() throws {
        let own = (#""customer_webhook":{"url":"https://own.example.com/"}"#, try shown("own", of: 2) as AccountSnapshot?)
        let members = [(override, try shown(of: 2) as AccountSnapshot?), own]
        let stale: [Int: FleetPlan.Rejection] = [1: .stale(Failure(.conflict, "stale"))]
        let failures = [
            try plan(members, allowUnlisted: true, rejected: stale), try plan(members, allowUnlisted: true, notSelected: [1]),
            try plan([members[0], (own.0, nil)], allowUnlisted: true),
            try plan([members[0], ("", own.1)], allowUnlisted: true),
        ].map { self.failures($0)[0]?.message ?? "" }
        for (message, words) in zip(
            failures, ["changed since the plan", "not selected by only", "could not be read", "no customer_webhook"])
        {
            #expect(message.contains(words) && message.contains("'1'"))
        }
    }

    @Test func anAccountOfTheWABAThatNamesNoNumberIsNotUnlisted() throws {
        let members = [(override, try shown(of: 2) as AccountSnapshot?), ("", try shown("own", of: 2) as AccountSnapshot?)]
        #expect(try failures(plan(members, expecting: false, allowUnlisted: true))[0]?.status == .invalidRequest)
    }

    @Test func anyAccountThatWasReadBeforeAChangeShowedMakesTheWABADiffer() throws {
        let result = try plan([(waba, shown(waba: "waba", of: 2)), (waba, shown(waba: "old", of: 2))])
        #expect(result.wabaChanges.map(\.leader) == [0] && result.changedCount == 2)
    }

    @Test func numbersWithoutAListAreNotOverridden() throws {
        let members = [(override, try number(numbers: "null") as AccountSnapshot?)]
        #expect(try failures(plan(members, expecting: false))[0]?.path == "/waba_webhook/override_all")
        #expect(try failures(plan(members, expecting: false, allowUnlisted: true)).isEmpty)
    }
}
