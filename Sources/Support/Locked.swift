import Glibc

/// A value that one thread at a time may use.
///
/// It is not `Synchronization.Mutex`, which ThreadSanitizer misreports on Linux, but a pthread mutex on the heap. The mutex is
/// not recursive. Nothing that calls out of the library may run inside `withLock`.
package final class Locked<State>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var state: State

    package init(_ state: State) {
        self.state = state
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    package func withLock<Result, Thrown: Error>(_ body: (inout State) throws(Thrown) -> Result) throws(Thrown) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state)
    }

    /// Nil if another thread holds the lock. In a forked child that may be a thread that does not exist there.
    package func tryWithLock<Result>(_ body: (inout State) -> Result) -> Result? {
        guard pthread_mutex_trylock(mutex) == 0 else { return nil }
        defer { pthread_mutex_unlock(mutex) }
        return body(&state)
    }

    /// Waits until `body` returns a value, and returns that; nil if `span` passes first. `body` runs with the lock held, now and
    /// each time `notifyAll` or `notifyOne` is called.
    package func wait<Result>(atMost span: Duration, for body: (inout State) -> Result?) -> Result? {
        let deadline = Deadline(in: span)
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&state) { return result }
            let left = deadline.remaining
            if left == .zero { return nil }
            let end = Clock.monotonic + left
            var time = timespec()
            time.tv_sec = Int(end.components.seconds)
            time.tv_nsec = Int(end.components.attoseconds / 1_000_000_000)
            pthread_cond_timedwait(changed, mutex, &time)
        }
    }

    package func notifyOne() { pthread_cond_signal(changed) }
    package func notifyAll() { pthread_cond_broadcast(changed) }
}
