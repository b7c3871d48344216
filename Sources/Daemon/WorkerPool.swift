import Support

/// Threads for requests that may wait for the storage. They live as long as the process.
final class WorkerPool: Sendable {
    typealias Job = @Sendable () -> Void

    fileprivate struct State {
        /// Jobs that wait, in a ring: a slot is cleared when its job is taken, so that no body outlives its request.
        var ring = [Job?](repeating: nil, count: 64)
        var first = 0
        var count = 0
        /// Promised jobs that have not ended.
        var unfinished = 0
        var isClosed = false
    }

    private let state = Locked(State())

    init(threads: Int) throws(Failure) {
        for _ in 0..<threads {
            let thread = Thread { [state] in
                while true {
                    guard let job = state.wait(atMost: .seconds(60), for: { $0.take() }) else { continue }
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
        state.withLock { $0.add(job) }
        state.notifyOne()
    }

    /// Promises no more jobs.
    func close() { state.withLock { $0.isClosed = true } }

    var isIdle: Bool { state.withLock { $0.unfinished == 0 } }
}

extension WorkerPool.State {
    fileprivate mutating func add(_ job: @escaping WorkerPool.Job) {
        if count == ring.count {
            ring = (0..<count).map { ring[(first + $0) % count] } + [WorkerPool.Job?](repeating: nil, count: count)
            first = 0
        }
        ring[(first + count) % ring.count] = job
        count += 1
    }

    fileprivate mutating func take() -> WorkerPool.Job? {
        guard count > 0 else { return nil }
        defer {
            ring[first] = nil
            first = (first + 1) % ring.count
            count -= 1
        }
        return ring[first]
    }
}
