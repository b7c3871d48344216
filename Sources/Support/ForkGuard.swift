import Glibc
import Synchronization

/// Which process of a chain of forks this is. A process id does not tell: a child in a new PID namespace may have its
/// parent's.
package enum Fork {
    private static let count = Atomic<UInt64>(1)

    /// The library's only fork handler; it counts.
    private static let isCounted = pthread_atfork(nil, nil) { Fork.count.wrappingAdd(1, ordering: .acquiringAndReleasing) } == 0

    /// The same in all threads of a process; another one in its children.
    package static var generation: UInt64 {
        _ = isCounted
        return count.load(ordering: .acquiring)
    }
}

/// Makes what a process inherited by fork its own, once, before a child uses it.
package final class ForkGuard: Sendable {
    /// The generation that owns it; with `claiming` added while a thread of that process takes it over.
    private let owner = Atomic<UInt64>(Fork.generation)
    private static let claiming: UInt64 = 1 << 63

    package init() {}

    package var isOwned: Bool { owner.load(ordering: .acquiring) == Fork.generation }

    /// Runs `takeOver` in the first thread of a child that comes here; others wait for it. If it throws, what was inherited
    /// stays the parent's, and the next thread tries again.
    package func claim(_ takeOver: () throws(Failure) -> Void) throws(Failure) {
        let child = Fork.generation
        while true {
            let owner = owner.load(ordering: .acquiring)
            if owner == child { return }
            guard owner != child | Self.claiming,
                self.owner.compareExchange(expected: owner, desired: child | Self.claiming, ordering: .acquiring).exchanged
            else {
                usleep(50)
                continue
            }
            do throws(Failure) { try takeOver() } catch {
                self.owner.store(owner, ordering: .releasing)
                throw error
            }
            self.owner.store(child, ordering: .releasing)
            return
        }
    }
}
