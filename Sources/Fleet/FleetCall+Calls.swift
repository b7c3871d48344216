import JSON
import Support
import WebhookModel

extension FleetCall {
    /// What each call needs beside its texts.
    package struct Context {
        let service: any WebhookService
        let call: Call
        let progress: Progress?

        /// `progress` takes an event's JSON text on the caller's thread; true cancels the call.
        package init(_ service: any WebhookService, _ call: Call, progress: Progress?) {
            self.service = service
            self.call = call
            self.progress = progress
        }

        fileprivate var validator: RequestValidator { RequestValidator(scope: service.scope, policy: call.settings.urlPolicy) }
    }

    package static func plan(_ fleet: String, _ options: String?, _ context: Context) throws(Failure) -> CallResult {
        let call = try begin(.plan, fleet, options, context)
        return try call.reported { () throws(Failure) in
            try call.readAll()
            call.refuseUnexpected()
            _ = call.coordinate()
        }
    }

    package static func audit(_ fleet: String, _ options: String?, _ context: Context) throws(Failure) -> CallResult {
        let call = try begin(.audit, fleet, options, context)
        return try call.reported { () throws(Failure) in
            try call.readAll()
            if call.options.probe { try call.probeAll() }
            _ = call.coordinate()
        }
    }

    static func begin(
        _ purpose: Purpose, _ fleet: String, _ options: String?, _ context: Context
    ) throws(Failure) -> FleetCall {
        let options = try FleetOptions(options)
        let document =
            purpose == .export ? try FleetDocument(keys: fleet, context.validator) : try FleetDocument(fleet, context.validator)
        return try FleetCall(
            purpose, on: context.service, document, options, call: context.call, progress: context.progress)
    }

    /// The report of what `work` did; with the error where it was cancelled. Whatever the error is, it says what was written.
    func reported(_ work: () throws(Failure) -> Void) throws(Failure) -> CallResult {
        do throws(Failure) {
            try work()
            if call.isCancelled { throw try cancelled() }
            for index in chosen { report(rows[index]) }
            tell()
            if call.isCancelled { throw try cancelled() }
            return CallResult(try report(), outcome)
        } catch {
            throw error.with { $0.outcome = outcome }
        }
    }

    /// Of all writes together.
    private var outcome: Failure.Outcome { Failure.Outcome(of: rows.map { $0.outcome }) }
}
