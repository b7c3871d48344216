import Glibc
import Waiting
import WebhookModel

/// The threads of this process that want to write to one database, first come, first served. SQLite's own waiting is by
/// sleeping at random: among many threads one could starve.
final class WriterQueue: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var isTaken = false
    private var waiters: [Waiter] = []

    init() { pthread_mutex_init(mutex, nil) }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Waits for its turn; `leave` ends it.
    func enter(_ call: Call, until deadline: Deadline, _ place: String) throws(Failure) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard isTaken else {
            isTaken = true
            return
        }
        let waiter = Waiter()
        waiters.append(waiter)
        while !waiter.hasTurn {
            waiter.wait(mutex, Int64(Cancellation.period))
            if waiter.hasTurn { break }
            guard !call.isCancelled, !deadline.hasPassed else {
                waiters.removeAll { $0 === waiter }
                throw call.isCancelled ? .cancelled : .locked(place)
            }
        }
    }

    func leave() {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if waiters.isEmpty {
            isTaken = false
        } else {
            waiters.removeFirst().takeTurn()
        }
    }
}

/// One thread in the queue; all of it under the queue's lock.
private final class Waiter {
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private(set) var hasTurn = false

    init() {
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
    }

    func takeTurn() {
        hasTurn = true
        pthread_cond_signal(condition)
    }

    func wait(_ mutex: UnsafeMutablePointer<pthread_mutex_t>, _ milliseconds: Int64) {
        let end = Clock.monotonic + milliseconds
        var time = timespec(tv_sec: Int(end / 1_000), tv_nsec: Int(end % 1_000) * 1_000_000)
        pthread_cond_timedwait(condition, mutex, &time)
    }
}
