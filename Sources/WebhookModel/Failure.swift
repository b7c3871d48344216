/// Why an operation failed; every layer throws it and nothing else.
public struct Failure: Error, Sendable {
    /// Whether a write changed anything.
    public enum Outcome: String, Sendable {
        case notApplied = "not_applied"
        case applied
        case unknown
    }

    public var status: Status
    /// What happened and what to do, without keys, header values and what URLs lose.
    public var message: String
    /// JSON Pointer into the request, where one member is to blame.
    public var path: String?
    public var retryable = false
    public var outcome = Outcome.notApplied
    /// How often the operation was sent; for the embedded service 1 once its storage was asked.
    public var attempts = 0
    /// Where a service answered: its code, and its own words without secrets.
    public var httpStatus: Int?
    public var serviceMessage: String?
    /// JSON text: what a wait read last.
    public var lastSeen: String?
    /// JSON text: what a cancelled fleet call did and did not.
    public var report: String?

    public init(_ status: Status, _ message: String, path: String? = nil, retryable: Bool = false) {
        self.status = status
        self.message = message
        self.path = path
        self.retryable = retryable
    }

    /// Returns this failure with one thing changed.
    public func with(_ change: (inout Failure) -> Void) -> Failure {
        var failure = self
        change(&failure)
        return failure
    }
}

extension Failure {
    public static let outOfMemory = Failure(.outOfMemory, "out of memory")
    public static let cancelled = Failure(.cancelled, "the call was cancelled")
    public static let notEnabled = Failure(.notEnabled, "multi-webhook is not enabled")

    /// `path` is where a request names it; a delete has no request.
    public static func noDestination(named name: String, path: String? = nil) -> Failure {
        Failure(.notFound, "no destination is named \(quoted(name))", path: path)
    }

    /// Something that cannot happen did; the message says what, for a report to the maintainers.
    public static func fault(_ message: String) -> Failure { Failure(.internalError, "a fault of the library: \(message)") }
}
