import Fleet
import Testing

/// One WABA for several accounts. Numbers are "1", "2", …; a name in `actual` is the host of a webhook of its own.
@Suite struct CoordinationTests {
    private let waba = #""waba_webhook":{"url":"https://waba.example.com/"}"#
    private let override = #""waba_webhook":{"url":"https://waba.example.com/","override_all":true}"#
    private let follows = #""customer_webhook":null"#
    private let own = #""customer_webhook":{"url":"https://own.example.com/"}"#

    /// Each account: its sections, and what it has.
    private func coordination(
        _ members: [(sections: String, actual: Actual?)], expecting: Bool = true, allowUnlisted: Bool = false,
        force: Set<Section> = []
    ) throws -> Coordination {
        let texts = members.enumerated().map { index, member in
            let expect = expecting ? #","expect":{"number":"\#(index + 1)"}"# : ""
            return
                #"{"name":"\#(index)","api_key":"k\#(index)"\#(expect)\#(member.sections.isEmpty ? "" : ",")\#(member.sections)}"#
        }
        let accounts = try accounts(#"{"accounts":[\#(texts.joined(separator: ","))]}"#)
        let all = zip(accounts, members).map { account, member in
            Coordination.Member(
                account, member.actual, member.actual.map { Difference(of: account, from: $0, force: force) },
                isLive: member.actual != nil)
        }
        return Coordination(all, force: force, allowUnlisted: allowUnlisted)
    }

    private func shown(_ customer: String? = nil, waba: String? = nil, of count: Int) -> Actual {
        number(customer, waba: waba, numbers: (1...count).map { "+\($0)" })
    }

    private func lines(_ coordination: Coordination) -> [[String]] { coordination.actions.map { $0.map(\.line) } }

    @Test func theFirstAccountThatAsksCarriesTheAction() throws {
        let result = try coordination([("", shown(of: 3)), (waba, shown(of: 3)), (waba, shown(of: 3))])
        #expect(lines(result) == [[], ["waba https://waba.example.com/"], []])
        #expect(result.groups.map(\.carrier) == [1] && result.groups.map(\.askers) == [[2]])
    }

    @Test func anAccountThatCannotBeReadDoesNotCarry() throws {
        let result = try coordination([(waba, nil), (waba, shown(of: 2))])
        #expect(lines(result) == [[], ["waba https://waba.example.com/"]])
    }

    @Test func accountsThatDisagreeFailAlike() throws {
        let other = #""waba_webhook":{"url":"https://other.example.com/"}"#
        let result = try coordination([(waba, shown(of: 3)), (other, shown(of: 3)), (own, shown(of: 3))])
        #expect(result.failures.keys.sorted() == [0, 1])
        #expect(result.failures.values.allSatisfy { $0.status == .invalidRequest })
        #expect(lines(result) == [[], [], ["customer https://own.example.com/"]])
    }

    @Test func overrideHoldsIfOneAsksForIt() throws {
        let result = try coordination([(waba, shown(of: 2)), (override + "," + follows, shown("old", of: 2))])
        #expect(lines(result) == [[#"waba https://waba.example.com/ over ["+2"]"#], []])
        #expect(result.groups.first?.owners == [1])
    }

    @Test func overrideIsNotSentForItself() throws {
        let result = try coordination([(override + "," + own, shown("own", waba: "waba", of: 1))])
        #expect(lines(result) == [[]])
    }

    @Test func overrideIsSentForANumberThatShouldFollow() throws {
        let result = try coordination([(override + "," + follows, shown("old", waba: "waba", of: 1))])
        #expect(lines(result) == [[#"waba https://waba.example.com/ over ["+1"]"#]])
    }

    @Test func webhooksThatTheDocumentGivesAreSetAgain() throws {
        let result = try coordination([(override + "," + follows, shown("old", of: 2)), (own, shown("own", of: 2))])
        #expect(lines(result) == [[#"waba https://waba.example.com/ over ["+1", "+2"]"#], ["customer https://own.example.com/"]])
        #expect(result.actions[1].first?.changes.isEmpty == true)
    }

    @Test func aNumberThatTheDocumentDoesNotNameIsNotOverridden() throws {
        let members = [(override, shown(of: 2))]
        #expect(try coordination(members).failures[0]?.path == "/waba_webhook/override_all")
        let allowed = try coordination(members, allowUnlisted: true)
        #expect(allowed.failures.isEmpty)
        #expect(lines(allowed) == [[#"waba https://waba.example.com/ over ["+2"]"#]])
    }

    @Test func aNumberWhoseAccountCannotBeReadIsNotOverridden() throws {
        let result = try coordination([(override, shown(of: 2)), (own, nil)])
        #expect(result.failures.keys.sorted() == [0])
    }

    @Test func anOwnWebhookThatIsNotManagedIsNotTaken() throws {
        #expect(try coordination([(override, shown(of: 2)), ("", shown("own", of: 2))]).failures.keys.sorted() == [0])
        #expect(try coordination([(override, shown(of: 2)), ("", shown(of: 2))]).failures.isEmpty)
    }

    @Test func anAccountNamedOtherwiseThanByItsNumberDoesNotCount() throws {
        #expect(try coordination([(override, shown(of: 1))], expecting: false).failures.keys.sorted() == [0])
    }

    @Test func forceSendsAWebhookThatAgrees() throws {
        let result = try coordination([(waba, shown(waba: "waba", of: 1))], force: [.waba])
        #expect(lines(result) == [["waba https://waba.example.com/"]])
    }
}
