/// Clients of one service may differ in these.
package struct CallSettings: Sendable, Equatable {
    /// Bounds the whole operation, retries included.
    package var timeout = Duration.seconds(30)
    /// Bounds one connection attempt.
    package var connectTimeout = Duration.seconds(10)
    package var maxAttempts = 4
    /// Counted after decompression.
    package var maxResponseBytes = 1_048_576
    package var urlPolicy = URLPolicy.cloud

    package init() {}
}
