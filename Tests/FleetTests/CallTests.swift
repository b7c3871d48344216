import EmbeddedService
import Fleet
import JSON
import SQLiteStorage
import Support
import Synchronization
import Testing
import WebhookModel

/// Whole calls on an embedded service, with many threads: what a run under ThreadSanitizer looks at.
@Suite struct CallTests {
    private let count = 120
    private let call = Call(settings: CallSettings(), cancellation: Cancellation().token, log: Log())

    /// Three numbers to a WABA; the first of each takes their own webhooks from the others, which the document gives back.
    private func service() throws -> (EmbeddedService, document: String) {
        let service = EmbeddedService(try SQLiteStorage(.memory), options: EmbeddedOptions())
        var accounts: [String] = []
        for index in 0..<count {
            let channel =
                #"{"phone_number_id":"\#(index)","phone_number":"+\#(index + 1)","waba_id":\#(index / 3 + 1),"api_key":"k\#(index)"}"#
            _ = try service.register(ChannelRegistration(channel), call: call)
            let own = index % 3 == 0 ? "null" : #"{"url":"https://own.example.com/\#(index)"}"#
            let sections =
                #""customer_webhook":\#(own),"waba_webhook":{"url":"https://waba.example.com/","override_all":\#(index % 3 == 0)}"#
            let multi = #""multi_webhook":{"destinations":[{"name":"crm","url":"https://crm.example.com/"}]}"#
            accounts.append(
                #"{"name":"n\#(index)","api_key":"k\#(index)","expect":{"number":"\#(index + 1)"},\#(sections),\#(multi)}"#)
        }
        return (service, #"{"accounts":[\#(accounts.joined(separator: ","))]}"#)
    }

    private func summary(_ report: CallResult) throws -> [String: Int64] {
        var totals: [String: Int64] = [:]
        for (name, value) in try JSON.answer(report.text)["summary"]?.members ?? [] { totals[name] = value.integer }
        return totals
    }

    @Test func manyThreadsApplyADocumentAndASecondApplyDoesNothing() throws {
        let (service, document) = try service()
        let told = Atomic<Int>(0)
        let context = Fleet.Context(service, call) { _ in
            told.add(1, ordering: .relaxed)
            return false
        }
        let options = #"{"concurrency":32}"#
        let first = try summary(Fleet.perform(.apply, document, options, context))
        #expect(first["changed"] == Int64(count) && first["failed"] == 0 && first["unknown"] == 0)
        #expect(told.load(ordering: .relaxed) == count)
        let second = try summary(Fleet.perform(.apply, document, options, context))
        #expect(second["in_sync"] == Int64(count) && second["operations"] == 0)
        let audit = try summary(Fleet.perform(.audit, document, options, context))
        #expect(audit["losing_events"] == 0 && audit["in_sync"] == Int64(count))
    }

    @Test(arguments: [1, 10, 60])
    func aCancelledApplySaysWhatItDidAndASecondOneFinishesIt(_ after: Int) throws {
        let (service, document) = try service()
        let told = Atomic<Int>(0)
        let context = Fleet.Context(service, call) { _ in told.add(1, ordering: .relaxed).newValue == after }
        let failure = try #require(throws: Failure.self) { try Fleet.perform(.apply, document, #"{"concurrency":8}"#, context) }
        #expect(failure.status == .cancelled)
        let totals = try summary(CallResult(try #require(failure.report)))
        #expect(["in_sync", "changed", "failed", "unknown", "skipped"].compactMap { totals[$0] }.reduce(0, +) == Int64(count))
        let all = Fleet.Context(service, call, progress: nil)
        #expect(try summary(Fleet.perform(.apply, document, nil, all))["failed"] == 0)
        #expect(try summary(Fleet.perform(.apply, document, nil, all))["in_sync"] == Int64(count))
    }
}
