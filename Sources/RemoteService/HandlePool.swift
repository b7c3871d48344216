import Glibc
import WebhookModel

/// The handles that no call uses just now, the last one used first: its connection is the likeliest to be alive.
final class HandlePool: @unchecked Sendable {
    /// More are not kept; a fleet runs at most 256 accounts at once.
    private static let most = 256

    private let mutex = Mutex()
    private var idle: [Handle] = []
    private var process = getpid()
    private let make: @Sendable () throws(Failure) -> Handle

    init(_ make: @escaping @Sendable () throws(Failure) -> Handle) { self.make = make }

    deinit { abandonInherited() }

    func take() throws(Failure) -> Handle {
        let kept = mutex.locked {
            abandonInherited()
            return idle.popLast()
        }
        if let kept { return kept }
        return try make()
    }

    func giveBack(_ handle: Handle) {
        let isKept = mutex.locked {
            guard idle.count < Self.most else { return false }
            idle.append(handle)
            return true
        }
        _ = isKept  // one that is not kept goes with its last reference, outside the lock
    }

    /// In a child after fork: what the parent opened is shared with it, and cleaning it up would write to its
    /// connections (TLS close_notify). It is left alone, as memory and as descriptors.
    private func abandonInherited() {
        guard process != getpid() else { return }
        process = getpid()
        for handle in idle { _ = Unmanaged.passRetained(handle) }
        idle.removeAll()
    }
}
