import CCurl
import Support

/// The lock of a thread that opens a descriptor. Its number means nothing: ThreadSanitizer takes an empty state for the lock's own
/// memory.
typealias Opening = Locked<Int>

/// The handles that no call uses at the moment. The one used last is taken first: its connection is the likeliest to be alive.
final class HandlePool: Sendable {
    /// More are not kept, so a fleet's hundreds of connections end with its call. Each has three descriptors.
    private static let maximumIdle = 64

    private let idle = Locked<[Handle]>([])
    /// Held by a thread that opens a descriptor.
    private let opening = Opening(0)
    private let fork = ForkGuard()
    private let make: @Sendable (_ opening: Opening) throws(Failure) -> Handle

    init(_ make: @escaping @Sendable (_ opening: Opening) throws(Failure) -> Handle) { self.make = make }

    deinit { if !fork.isOwned { idle.withLock { Self.abandon(&$0) } } }

    /// Nil if a new one would take descriptors that are left to the rest of the program.
    func idleOrNew() throws(Failure) -> Handle? {
        try fork.claim { () throws(Failure) in
            // A mutex found locked was held by a parent's thread that does not exist here and is never unlocked.
            guard opening.tryWithLock({ _ in }) != nil, idle.tryWithLock({ Self.abandon(&$0) }) != nil else {
                throw Failure(.internalError, "another thread was using this service when the process forked: open a new client")
            }
        }
        if let kept = idle.withLock({ $0.popLast() }) { return kept }
        // One at a time: two would see the same room.
        return try opening.withLock { _ throws(Failure) in d360_has_room_for_handle() ? try make(opening) : nil }
    }

    /// A handle that is not kept ends with its last reference, outside the lock.
    func giveBack(_ handle: Handle) {
        guard handle.mayBeKept else { return }
        idle.withLock { if $0.count < Self.maximumIdle { $0.append(handle) } }
    }

    /// Ends all idle connections.
    func trim() {
        var ended: [Handle] = []
        idle.withLock { swap(&$0, &ended) }
    }

    /// A child shares what its parent opened, and cleaning it up would write to the parent's connections (TLS close_notify). So
    /// memory and descriptors of it stay as they are.
    private static func abandon(_ handles: inout [Handle]) {
        for handle in handles { _ = Unmanaged.passRetained(handle) }
        handles.removeAll()
    }
}
