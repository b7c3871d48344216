import CSQLite
import Glibc
import Support

/// Waits for other connections' locks until the call's deadline, or until the call is cancelled.
final class BusyHandler {
    private var call: Call?
    private var deadline = Deadline.never
    /// A child reads what it was at the fork.
    private(set) var isSleeping = false

    /// From now on the connection works for `call`.
    func begin(_ call: Call?, until deadline: Deadline) {
        self.call = call
        self.deadline = deadline
    }

    var isCancelled: Bool { call?.isCancelled ?? false }

    /// Sleeps a little. Returns false to give up.
    func retry() -> Bool {
        guard !isCancelled, !deadline.hasPassed else { return false }
        // At random, so that processes which wait for each other do not wake in step.
        isSleeping = true
        usleep(UInt32.random(in: 1_000...10_000))
        isSleeping = false
        return !isCancelled
    }

    /// The connection must be closed before `self` is freed.
    func attach(to connection: OpaquePointer) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_busy_handler(
            connection,
            { context, _ in
                guard let context else { return 0 }
                return Unmanaged<BusyHandler>.fromOpaque(context).takeUnretainedValue().retry() ? 1 : 0
            }, context)
    }
}
