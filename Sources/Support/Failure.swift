/// Says why an operation failed. Every layer throws it to the one above.
package struct Failure: Error, Sendable {
    /// Says if a write changed anything.
    package enum Outcome: String, Sendable {
        case notApplied = "not_applied"
        case applied
        case unknown
    }

    package var status: Status
    /// It says what happened and what to do, without keys, header values and what URLs lose.
    package var message: String
    /// JSON Pointer into the request, where one member is to blame.
    package var path: String?
    package var retryable = false
    package var outcome = Outcome.notApplied
    /// How often the operation was sent; for the embedded service 1 once its storage was asked.
    package var attempts = 0
    /// The code of the service's answer, if it answered, and its own words without secrets.
    package var httpStatus: Int?
    package var serviceMessage: String?
    /// The daemon's answer: its HTTP status, if `status` has another one.
    package var answerStatus: Int?
    /// When the service said that the same call may succeed. It is not in the error document.
    package var retryAfter: Duration?
    /// JSON text: what a wait read last.
    package var lastSeen: String?
    /// JSON text: what a cancelled fleet call did and did not.
    package var report: String?

    @inline(never)  // hundreds of places make one, and a call is smaller than so many stores
    package init(_ status: Status, _ message: String, path: String? = nil, retryable: Bool = false) {
        self.status = status
        self.message = message
        self.path = path
        self.retryable = retryable
    }

    /// Returns this failure with one thing changed.
    package func with(_ change: (inout Failure) -> Void) -> Failure {
        var failure = self
        change(&failure)
        return failure
    }
}

extension Failure {
    package static let outOfMemory = Failure(.outOfMemory, "out of memory")
    package static let cancelled = Failure(.cancelled, "the call was cancelled")
    package static let overdue = Failure(.timeout, "the time limit of the call passed", retryable: true)

    /// A state that the code rules out was met; the message says which, for a report to the maintainers.
    package static func fault(_ message: String) -> Failure { Failure(.internalError, "a fault of the library: \(message)") }

    package static func storage(_ message: String, retryable: Bool = false) -> Failure {
        Failure(.storageError, message, retryable: retryable)
    }

    /// Another writer has the lock of the storage `place`.
    package static func locked(_ place: String) -> Failure {
        storage("\(place) is locked by another writer: try again", retryable: true)
    }
}
