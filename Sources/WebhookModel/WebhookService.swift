/// Whatever answers the nine operations.
///
/// The same call with at most one fault gives the same status, path and message on every service: Tests/Conformance holds
/// each of them to it.
public protocol WebhookService: AnyObject, Sendable {
    /// Which rules a request must have been held to.
    var scope: Judge.Scope { get }

    /// The answer's JSON text. Blocks; ends early once `call` is cancelled.
    func perform(_ request: Request, key: APIKey, call: Call) throws(Failure) -> String

    /// The same for a reading whose answer is looked into here.
    func read(_ request: Request, key: APIKey, call: Call) throws(Failure) -> JSON
}

extension WebhookService {
    public func read(_ request: Request, key: APIKey, call: Call) throws(Failure) -> JSON {
        try JSON.answer(perform(request, key: key, call: call))
    }
}
