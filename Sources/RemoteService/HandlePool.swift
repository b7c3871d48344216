import Glibc
import Support
import Synchronization

/// The handles that no call uses just now, the last one used first: its connection is the likeliest to be alive.
final class HandlePool: @unchecked Sendable {
    /// More are not kept.
    private static let most = 256

    private let mutex = Mutex()
    private var idle: [Handle] = []
    /// The process that the idle handles belong to; negative: a thread of it is making them its own.
    private let process = Atomic<pid_t>(getpid())
    private let make: @Sendable () throws(Failure) -> Handle

    init(_ make: @escaping @Sendable () throws(Failure) -> Handle) { self.make = make }

    deinit { if process.load(ordering: .acquiring) != getpid() { abandon() } }

    func take() throws(Failure) -> Handle {
        try settleAfterFork()
        let kept = mutex.locked { idle.popLast() }
        if let kept { return kept }
        return try make()
    }

    func giveBack(_ handle: Handle) {
        // One that is not kept goes with its last reference, outside the lock.
        mutex.locked { if idle.count < Self.most { idle.append(handle) } }
    }

    /// One thread of a child makes the pool the child's own, the others wait for it. The lock tells nothing but whether a
    /// thread of the parent had it: that one is not here, and never gives it back.
    private func settleAfterFork() throws(Failure) {
        let child = getpid()
        while true {
            let owner = process.load(ordering: .acquiring)
            if owner == child { return }
            guard owner != -child, process.compareExchange(expected: owner, desired: -child, ordering: .acquiring).exchanged
            else {
                usleep(50)
                continue
            }
            guard mutex.tryLock() else {
                process.store(owner, ordering: .releasing)
                throw Failure(.internalError, "another thread was using this service when the process forked: open a new client")
            }
            abandon()
            mutex.unlock()
            process.store(child, ordering: .releasing)
            return
        }
    }

    /// In a child after fork: what the parent opened is shared with it, and cleaning it up would write to its
    /// connections (TLS close_notify). It is left alone, as memory and as descriptors.
    private func abandon() {
        for handle in idle { _ = Unmanaged.passRetained(handle) }
        idle.removeAll()
    }
}
