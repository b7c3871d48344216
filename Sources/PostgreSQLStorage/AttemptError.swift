import Support

/// Why one attempt at a call ended. The caller gets the last one's failure.
enum AttemptError: Error {
    /// Another attempt would end the same way.
    case permanent(Failure)
    /// The call was cancelled, or its time is over. The connection was closed, whatever the server is doing.
    case cancelled(Failure)
    /// Another writer was in the way and this one was rolled back.
    case conflict(Failure)
    /// The connection could not be made, is gone, or leads to a server that cannot write. What was not committed has not happened.
    case disconnected(Failure)

    var failure: Failure {
        switch self {
        case .permanent(let failure), .cancelled(let failure), .conflict(let failure), .disconnected(let failure): failure
        }
    }

    /// A rejection by a rule of the service is permanent.
    static func permanently<Result>(_ body: () throws(Failure) -> Result) throws(AttemptError) -> Result {
        do throws(Failure) { return try body() } catch { throw .permanent(error) }
    }
}
