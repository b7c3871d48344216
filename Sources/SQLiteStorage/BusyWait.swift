import CSQLite
import Glibc
import Support

/// How long a connection waits for others' locks: at most 10 s, and not once its call is cancelled.
final class BusyWait {
    /// Milliseconds for all waits of one call together.
    static let longest: Int64 = 10_000

    private var call: Call?
    private var deadline: Deadline?
    /// A child reads what it was at the fork.
    private(set) var isSleeping = false

    /// From now on the connection works for `call`; the time runs from `deadline`'s making, else from the first wait.
    func begin(_ call: Call?, until deadline: Deadline?) {
        self.call = call
        self.deadline = deadline
    }

    var isCancelled: Bool { call?.isCancelled ?? false }

    /// Sleeps a little; false: give up.
    func again() -> Bool {
        let end = deadline ?? Deadline(in: Self.longest)
        deadline = end
        guard !isCancelled, !end.hasPassed else { return false }
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
                return Unmanaged<BusyWait>.fromOpaque(context).takeUnretainedValue().again() ? 1 : 0
            }, context)
    }
}
