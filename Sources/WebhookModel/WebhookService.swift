import JSON
import Support

/// Anything that answers the nine operations.
///
/// The same call with at most one fault gives the same status, path and message on every service: Tests/Conformance checks
/// each of them.
package protocol WebhookService: AnyObject, Sendable {
    /// Decides which rules a request must pass before it is performed.
    var scope: RequestValidator.Scope { get }

    /// How the service is reached over HTTP. Requests to webhooks follow it too.
    var remoteOptions: RemoteOptions { get }

    /// The JSON text of the answer. Blocks until `call.deadline` at most; ends early once the call is cancelled.
    func perform(_ request: Request, key: APIKey, call: Call) throws(Failure) -> String

    /// The same for a reading that is looked into.
    func read(_ setting: OperationKind.Setting, key: APIKey, call: Call) throws(Failure) -> SettingReading
}

extension WebhookService {
    /// A service that is not remote has none but the defaults.
    package var remoteOptions: RemoteOptions { RemoteOptions() }
}

/// A reading, decoded and as the service sent it.
package struct SettingReading: Sendable {
    package let text: String
    package let reading: Reading

    package init(text: String, reading: Reading) {
        self.text = text
        self.reading = reading
    }

    /// Decodes an answer to a reading of `setting`.
    package init(text: String, of setting: OperationKind.Setting) throws(Failure) {
        self.init(text: text, reading: try Reading(text: text, of: setting))
    }
}
