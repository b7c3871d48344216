/// Whatever answers the nine operations.
///
/// The same call with at most one fault gives the same status, path and message on every service: Tests/Conformance holds
/// each of them to it.
public protocol WebhookService: AnyObject, Sendable {
    /// Which rules a request must have been held to.
    var scope: Judge.Scope { get }

    /// The answer's JSON text. Blocks; ends early once `call` is cancelled.
    func perform(_ request: Request, key: APIKey, call: Call) throws(Failure) -> String
}
