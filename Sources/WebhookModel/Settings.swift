/// What clients of one service may differ in.
public struct Settings: Sendable, Equatable {
    /// Milliseconds for the whole operation, retries included.
    public var timeout = 30_000
    /// Milliseconds for one connection attempt.
    public var connectTimeout = 10_000
    public var maxAttempts = 4
    /// After decompression.
    public var maxResponseBytes = 1_048_576
    public var urlPolicy = URLPolicy.cloud

    public init() {}
}

/// What holds for a service and all of its clients.
public struct ServiceOptions: Sendable, Equatable {
    public var caFile: String?
    public var proxy: String?
    public var userAgent: String?
    public var allowInsecureHTTP = false
    public var maxDestinations = 3
    /// Milliseconds until a WABA webhook applies.
    public var applyDelay: Int64 = 0
    /// Milliseconds until a change of the destinations shows in readings.
    public var multiApplyDelay: Int64 = 0

    public init() {}
}
