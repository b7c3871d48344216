import Support

/// Threads for requests that may wait for the storage. They live as long as the process.
final class WorkerPool: Sendable {
    typealias Job = @Sendable () -> Void

    private struct State {
        /// Jobs that wait from `first` on. The others are nil, so that no body outlives its request.
        var jobs: [Job?] = []
        var first = 0
        /// Promised jobs that have not ended.
        var unfinished = 0
        var isClosed = false

        mutating func next() -> Job? {
            guard first < jobs.count, let job = jobs[first] else { return nil }
            jobs[first] = nil
            first += 1
            if first == jobs.count || first == 1_024 {
                jobs.removeFirst(first)
                first = 0
            }
            return job
        }
    }

    private let state = Locked(State())

    init(threads: Int) throws(Failure) {
        for _ in 0..<threads {
            let thread = Thread { [state] in
                while true {
                    guard let job = state.wait(atMost: .seconds(60), for: { $0.next() }) else { continue }
                    job()
                    state.withLock { $0.unfinished -= 1 }
                }
            }
            guard let thread else { throw Failure(.internalError, "cannot create a thread") }
            thread.detach()
        }
    }

    /// Promises one job, which `add` must follow. False once the pool is closed.
    func reserve() -> Bool {
        state.withLock { state in
            if !state.isClosed { state.unfinished += 1 }
            return !state.isClosed
        }
    }

    /// Jobs begin in the order in which they are added.
    func add(_ job: @escaping Job) {
        state.withLock { $0.jobs.append(job) }
        state.notifyOne()
    }

    /// Promises no more jobs.
    func close() { state.withLock { $0.isClosed = true } }

    var isIdle: Bool { state.withLock { $0.unfinished == 0 } }
}
