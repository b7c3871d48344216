import Glibc
import Synchronization
import WebhookModel

/// The handles that no call uses just now, the last one used first: its connection is the likeliest to be alive.
final class HandlePool: @unchecked Sendable {
    /// More are not kept.
    private static let most = 256

    private let mutex = Mutex()
    private var idle: [Handle] = []
    /// The process that made the idle handles.
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

    /// A lock that a thread of the parent held is never given back, so it is not waited for.
    private func settleAfterFork() throws(Failure) {
        guard process.load(ordering: .acquiring) != getpid() else { return }
        guard mutex.tryLock() else {
            if process.load(ordering: .acquiring) == getpid() { return }
            throw Failure(.internalError, "another thread was using this service when the process forked: open a new client")
        }
        defer { mutex.unlock() }
        guard process.load(ordering: .acquiring) != getpid() else { return }
        abandon()
        process.store(getpid(), ordering: .releasing)
    }

    /// In a child after fork: what the parent opened is shared with it, and cleaning it up would write to its
    /// connections (TLS close_notify). It is left alone, as memory and as descriptors.
    private func abandon() {
        for handle in idle { _ = Unmanaged.passRetained(handle) }
        idle.removeAll()
    }
}
