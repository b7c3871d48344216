/// Says when the requests of one operation may be sent, if many operations share one limit. A 429 is then not an answer: the
/// same request is sent again once it is admitted, and neither an attempt nor the operation's time is used up by that.
package protocol RequestThrottle: AnyObject, Sendable {
    /// Waits until the next request may be sent. Throws if the call is cancelled or the service admits nothing any more.
    func acquire(_ call: Call) throws(Failure)

    /// The service answered a request with 429, and with Retry-After if it has one.
    func rejected(retryAfter: Duration?)

    /// The service answered a request with anything else.
    func admitted()

    /// How long this operation has waited for its requests to be admitted.
    var waited: Duration { get }
}
