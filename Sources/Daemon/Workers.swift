import Glibc
import Support

/// Threads for what may wait for the storage; they live as long as the process.
final class Workers: @unchecked Sendable {
    private let mutex = Mutex()
    private let more = Condition()
    private var jobs: [@Sendable () -> Void] = []
    /// Of `jobs`: those before it are done.
    private var next = 0

    init(count: Int) throws(Failure) {
        for _ in 0..<count {
            var thread = pthread_t()
            let context = Unmanaged.passRetained(self)
            let code = pthread_create(
                &thread, nil,
                { context in
                    if let context { Unmanaged<Workers>.fromOpaque(context).takeRetainedValue().work() }
                    return nil
                }, context.toOpaque())
            guard code == 0 else {
                context.release()
                throw Failure(.internalError, "no thread can be started: \(String(cString: strerror(code)))")
            }
            pthread_detach(thread)
        }
    }

    func add(_ job: @escaping @Sendable () -> Void) {
        mutex.locked {
            jobs.append(job)
            more.signal()
        }
    }

    private func work() {
        while true { take()() }
    }

    /// Waits for a job; first come, first served.
    private func take() -> @Sendable () -> Void {
        mutex.locked {
            while next == jobs.count { more.wait(mutex, 60_000) }
            let job = jobs[next]
            next += 1
            if next == jobs.count || next == 1_024 {
                jobs.removeFirst(next)
                next = 0
            }
            return job
        }
    }
}
