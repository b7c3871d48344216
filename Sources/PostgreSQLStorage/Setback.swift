import Support

/// Why one attempt at a call ended. The failure is what the caller gets where it was the last.
enum Setback: Error {
    /// Another attempt would end the same way.
    case failed(Failure)
    /// The call was cancelled, or its time is over. The connection was closed, whatever the server is doing.
    case stopped(Failure)
    /// Another writer was in the way and this one was rolled back.
    case collided(Failure)
    /// The connection could not be made or is gone. What was not committed has not happened.
    case lost(Failure)

    var failure: Failure {
        switch self {
        case .failed(let failure), .stopped(let failure), .collided(let failure), .lost(let failure): failure
        }
    }

    /// What a rule of the service refuses is for good.
    static func refusing<Result>(_ body: () throws(Failure) -> Result) throws(Setback) -> Result {
        do throws(Failure) { return try body() } catch { throw .failed(error) }
    }
}
