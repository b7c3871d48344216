/// How a call ended; the numbers are the C header's and never change.
package enum Status: Int32, Sendable, CaseIterable {
    case ok = 0
    case invalidArgument = 1
    case malformedJSON = 2
    case invalidRequest = 3
    case unauthorized = 4
    case notFound = 5
    case conflict = 6
    case notEnabled = 7
    case limitExceeded = 8
    case rateLimited = 9
    case timeout = 10
    case networkError = 11
    case tlsError = 12
    case serviceError = 13
    case protocolError = 14
    case outcomeUnknown = 15
    case storageError = 16
    case cancelled = 17
    case unsupported = 18
    case signatureMismatch = 19
    case outOfMemory = 20
    case internalError = 21

    /// The name in C, in the error document, and in the daemon's error bodies.
    package var name: StaticString {
        switch self {
        case .ok: "D360_OK"
        case .invalidArgument: "D360_INVALID_ARGUMENT"
        case .malformedJSON: "D360_MALFORMED_JSON"
        case .invalidRequest: "D360_INVALID_REQUEST"
        case .unauthorized: "D360_UNAUTHORIZED"
        case .notFound: "D360_NOT_FOUND"
        case .conflict: "D360_CONFLICT"
        case .notEnabled: "D360_NOT_ENABLED"
        case .limitExceeded: "D360_LIMIT_EXCEEDED"
        case .rateLimited: "D360_RATE_LIMITED"
        case .timeout: "D360_TIMEOUT"
        case .networkError: "D360_NETWORK_ERROR"
        case .tlsError: "D360_TLS_ERROR"
        case .serviceError: "D360_SERVICE_ERROR"
        case .protocolError: "D360_PROTOCOL_ERROR"
        case .outcomeUnknown: "D360_OUTCOME_UNKNOWN"
        case .storageError: "D360_STORAGE_ERROR"
        case .cancelled: "D360_CANCELLED"
        case .unsupported: "D360_UNSUPPORTED"
        case .signatureMismatch: "D360_SIGNATURE_MISMATCH"
        case .outOfMemory: "D360_OUT_OF_MEMORY"
        case .internalError: "D360_INTERNAL_ERROR"
        }
    }

    package init?(name: String) {
        guard let status = Self.allCases.first(where: { "\($0.name)" == name }) else { return nil }
        self = status
    }
}
