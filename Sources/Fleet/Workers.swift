import Glibc
import Support

/// Threads for one stretch of a call: they take items in order, and are joined before it returns.
final class Workers: @unchecked Sendable {
    enum Step: Sendable {
        case done
        /// To be looked at again in so many milliseconds; no thread waits for it.
        case later(Int64)
    }

    private let mutex = Mutex()
    private let call: Call
    private let count: Int
    private let work: @Sendable (Int) -> Step
    private var next = 0
    private var waiting: [(due: Int64, item: Int)] = []
    /// The first of `waiting` may be due then, none before.
    private var earliest = Int64.max
    private var running = 0

    private init(_ count: Int, _ call: Call, _ work: @escaping @Sendable (Int) -> Step) {
        self.count = count
        self.call = call
        self.work = work
    }

    /// Works on 0..<count with at most `concurrency` threads, until all are done or the call is cancelled. `idle` runs on the
    /// caller's thread meanwhile, every few milliseconds, and once more at the end.
    static func run(
        _ count: Int, concurrency: Int, call: Call, idle: () -> Void, _ work: @escaping @Sendable (Int) -> Step
    ) throws(Failure) {
        guard count > 0, !call.isCancelled else { return }
        let workers = Workers(count, call, work)
        let threads = workers.start(min(count, concurrency))
        guard !threads.isEmpty else { throw Failure(.outOfMemory, "the system starts no thread") }
        while workers.mutex.locked({ workers.running }) > 0 {
            idle()
            var time = timespec(tv_sec: 0, tv_nsec: 1_000_000)
            nanosleep(&time, nil)
        }
        for thread in threads { pthread_join(thread, nil) }
        idle()
    }

    /// They take no signal: handlers run on the program's own threads.
    private func start(_ most: Int) -> [pthread_t] {
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        var threads: [pthread_t] = []
        for _ in 0..<most {
            var thread = pthread_t()
            let context = Unmanaged.passRetained(self)
            mutex.locked { running += 1 }
            let code = pthread_create(
                &thread, nil,
                { context in
                    guard let context else { return nil }
                    Unmanaged<Workers>.fromOpaque(context).takeRetainedValue().loop()
                    return nil
                }, context.toOpaque())
            guard code == 0 else {
                context.release()
                mutex.locked { running -= 1 }
                break
            }
            threads.append(thread)
        }
        return threads
    }

    private func loop() {
        while let item = take() {
            let step = work(item)
            guard case .later(let wait) = step else { continue }
            mutex.locked {
                waiting.append((Clock.milliseconds + wait, item))
                earliest = min(earliest, Clock.milliseconds + wait)
            }
        }
        mutex.locked { running -= 1 }
    }

    /// Nil: nothing is left to do.
    private func take() -> Int? {
        while !call.isCancelled {
            var isOver = false
            let item: Int? = mutex.locked {
                let now = Clock.milliseconds
                if earliest <= now {
                    if let place = waiting.firstIndex(where: { $0.due <= now }) { return waiting.remove(at: place).item }
                    earliest = waiting.map { $0.due }.min() ?? .max
                }
                if next < count {
                    next += 1
                    return next - 1
                }
                isOver = waiting.isEmpty  // whoever holds an item that is not done comes back for it
                return nil
            }
            if let item { return item }
            if isOver { return nil }
            var time = timespec(tv_sec: 0, tv_nsec: 5_000_000)
            nanosleep(&time, nil)
        }
        return nil
    }
}
