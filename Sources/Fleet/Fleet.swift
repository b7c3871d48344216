import Support
import WebhookModel

/// The four calls on a fleet: each takes JSON texts and answers with one.
package enum Fleet {
    /// Takes an event's JSON text on the caller's thread; true cancels the call.
    package typealias Progress = (String) -> Bool

    package enum Purpose: Sendable {
        /// Reports what apply would do.
        case plan
        /// Makes every selected number match the document.
        case apply
        /// Reports what loses events.
        case audit
        /// Writes a document that describes the current configuration, and a report.
        case export

        var decides: Bool { self == .plan || self == .apply }
    }

    /// Each call needs this besides its texts.
    package struct Context {
        let service: any WebhookService
        let call: Call
        let progress: Progress?

        package init(_ service: any WebhookService, _ call: Call, progress: Progress?) {
            self.service = service
            self.call = call
            self.progress = progress
        }
    }

    package static func perform(
        _ purpose: Purpose, _ text: consuming String, _ options: String?, _ context: Context
    ) throws(Failure) -> CallResult {
        var options = try FleetOptions(options, context.call)
        if !purpose.decides {
            options.force = []
            options.allowUnlisted = false
        }
        let validator = RequestValidator(scope: context.service.scope, policy: context.call.settings.urlPolicy)
        let kind: FleetDocument.Kind = purpose == .export ? .keys : .fleet
        let document = try FleetDocument(consume text, validator, context.call, kind: kind)
        var run = FleetRun(try FleetSession(context, document, options), purpose)
        return try run.finish()
    }
}
