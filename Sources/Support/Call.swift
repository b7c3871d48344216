/// One call carries this down: its client's settings, its one deadline, its cancel and its log.
package struct Call: Sendable {
    package private(set) var settings: CallSettings
    package let log: Log
    /// Every wait of the operation ends by then.
    package private(set) var deadline: Deadline
    /// Admits requests; nil if the operation decides for itself.
    package private(set) var throttle: (any RequestThrottle)?
    /// Nothing that is said about the call may repeat these; the request's own texts and the key are more.
    package private(set) var secrets: Secrets = []
    private let cancellation: Cancellation.Token
    /// Ends this call alone, without the other calls of its client.
    private var own: Cancellation.Token?

    package init(settings: CallSettings, deadline: Deadline = .never, cancellation: Cancellation.Token, log: Log) {
        self.settings = settings
        self.deadline = deadline
        self.log = log
        self.cancellation = cancellation
    }

    package var isCancelled: Bool { cancellation.isCancelled || own?.isCancelled == true }

    /// Throws if the call was cancelled or its deadline has passed. Long computations ask now and then.
    package func check() throws(Failure) {
        if isCancelled { throw .cancelled }
        if deadline.hasPassed { throw .overdue }
    }

    /// The same call for one operation. Its time limit begins now and is at most `span`.
    package func operation(within span: Duration = .seconds(3_000_000_000)) -> Call {
        var call = self
        call.settings.timeout = min(settings.timeout, span)
        call.deadline = Deadline(in: call.settings.timeout, throttle: throttle)
        return call
    }

    /// The same call with another deadline.
    package func until(_ deadline: Deadline) -> Call {
        var call = self
        call.deadline = deadline
        return call
    }

    /// The same call, ended by `own` too.
    package func cancelled(by own: Cancellation) -> Call {
        var call = self
        call.own = own.token
        return call
    }

    /// The same call about which nothing repeats `secrets`.
    package func redacting(_ secrets: Secrets) -> Call {
        var call = self
        call.secrets = secrets
        return call
    }

    /// The same call with requests that `throttle` admits.
    package func throttled(by throttle: any RequestThrottle) -> Call {
        var call = self
        call.throttle = throttle
        return call
    }
}
