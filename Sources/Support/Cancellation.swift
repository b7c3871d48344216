import Synchronization

/// Ends the calls that have begun, or all calls for good. Waits are not woken: each looks at least every `period`, so there
/// is no wake-up to miss or to share with a forked child, and cancelling never blocks.
package final class Cancellation: Sendable {
    /// A cancelled call must end within 100 ms, the work after its wait included.
    package static let period = Duration.milliseconds(20)

    private static let stopped = UInt64.max

    private let generation = Atomic<UInt64>(0)

    package init() {}

    /// Ends the calls that hold a token by now; later ones are not touched.
    package func cancel() {
        let current = generation.load(ordering: .acquiring)
        // A stop that comes in between wins.
        if current != Self.stopped {
            _ = generation.compareExchange(expected: current, desired: current + 1, ordering: .acquiringAndReleasing)
        }
    }

    /// Ends all calls, later ones too.
    package func stop() { generation.store(Self.stopped, ordering: .sequentiallyConsistent) }

    /// A call keeps it from its first instruction on.
    package struct Token: Sendable {
        fileprivate let cancellation: Cancellation
        fileprivate let generation: UInt64

        package var isCancelled: Bool {
            let now = cancellation.generation.load(ordering: .acquiring)
            return now != generation || now == Cancellation.stopped
        }
    }

    package var token: Token { Token(cancellation: self, generation: generation.load(ordering: .acquiring)) }
}
