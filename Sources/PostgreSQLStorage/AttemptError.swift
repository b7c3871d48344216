import Support

/// Why one attempt at a call ended. The caller gets the last one's failure.
enum AttemptError: Error {
    /// Another attempt would end the same way.
    case permanent(Failure)
    /// The call was cancelled, or its time is over. The connection was closed; the server may be working still.
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

extension Failure {
    /// Explains an SQLSTATE and says what to do about it. `words` are the server's primary message, which names objects and
    /// roles, but no values of parameters.
    static func postgreSQL(_ state: String, _ words: String, _ place: String) -> Failure {
        switch state {
        case "53100": storage("\(place) cannot grow: free space on its server's disk, then try again")
        case "53200": storage("the server of \(place) is out of memory: try again", retryable: true)
        case "53300": storage("\(place) has no connection left (\(words)): raise max_connections, or use fewer", retryable: true)
        case "55P03", "40001", "40P01", "23505": locked(place)
        case "57014": storage("\(place) ended the statement (\(words)): try again", retryable: true)
        case "57P01", "57P02", "57P03": storage("\(place) is stopping or starting (\(words)): try again", retryable: true)
        case "42501": storage("the role may not use \(place) as it has to (\(words)): grant it what is missing")
        case "25006": readOnly(place)
        case "3D000": storage("\(place) does not exist: create it")
        case "3F000", "42P01", "42703", "42883", "42804":
            storage("the schema d360_webhook of \(place) is incomplete (\(words)): restore it from a backup")
        case "58030": storage("the server of \(place) cannot read or write its disk (\(words)): check it")
        default:
            switch state.prefix(2) {
            case "28": storage("\(place) rejects the role or its password (\(words)): check both, and pg_hba.conf")
            case "08": connectionLost(place)
            case "53": storage("\(place) lacks a resource (\(words)): try again", retryable: true)
            case "XX": storage("\(place) is damaged (\(words)): check its server's log, restore it from a backup")
            default: storage("\(place): \(words) (SQLSTATE \(state))")
            }
        }
    }

    static func readOnly(_ place: String) -> Failure {
        storage("\(place) is read-only: name the primary server, or wait until it is one", retryable: true)
    }

    static func connectionLost(_ place: String) -> Failure {
        storage("the connection to \(place) was lost: try again", retryable: true)
    }

    static func late(_ place: String) -> Failure {
        storage("\(place) did not answer within the time limit: try again", retryable: true)
    }

    static func allInUse(_ place: String) -> Failure {
        storage("all connections to \(place) are in use: try again, or allow more of them", retryable: true)
    }

    static func inDoubt(_ place: String) -> Failure {
        storage("\(place) was lost in a commit: read what is there before the write is sent again", retryable: true)
            .with { $0.outcome = .unknown }
    }
}
