import Support

/// The threads of one phase of a call. They take items in order and are joined before the phase ends.
final class Workers: Sendable {
    enum ItemResult: Sendable {
        case done
        /// The item is to be taken again after this time; no thread waits for it.
        case retry(after: Duration)
    }

    private struct State {
        var next = 0
        var delayed = DelayedItems()
        var running = 0
    }

    private let state = Locked(State())
    private let count: Int
    private let call: Call?
    private let work: @Sendable (Int) -> ItemResult

    private init(_ count: Int, _ call: Call?, _ work: @escaping @Sendable (Int) -> ItemResult) {
        self.count = count
        self.call = call
        self.work = work
    }

    /// Works on 0..<count with at most `concurrency` threads until all items are done; throws if the call is cancelled. Without
    /// a call nothing ends it. Meanwhile `deliver` runs on the caller's thread now and then, and once more at the end.
    static func perform(
        _ count: Int, concurrency: Int, call: Call?, deliver: () -> Void, _ work: @escaping @Sendable (Int) -> ItemResult
    ) throws(Failure) {
        if call?.isCancelled == true { throw .cancelled }
        guard count > 0 else { return }
        let workers = Workers(count, call, work)
        var threads: [Thread] = []
        for _ in 0..<min(count, concurrency) {
            workers.state.withLock { $0.running += 1 }
            guard let thread = Thread({ workers.loop() }) else {
                workers.state.withLock { $0.running -= 1 }
                break
            }
            threads.append(thread)
        }
        guard !threads.isEmpty else { throw Failure(.outOfMemory, "cannot create a thread") }
        while workers.state.wait(atMost: Cancellation.period, for: { $0.running == 0 ? true : nil }) == nil {
            deliver()
            if call?.isCancelled == true { workers.state.notifyAll() }
        }
        for thread in threads { thread.join() }
        deliver()
        if call?.isCancelled == true { throw .cancelled }
    }

    private func loop() {
        while let item = nextItem() {
            if case .retry(let span) = work(item) {
                let due = Clock.monotonic + span
                state.withLock { $0.delayed.insert(item, due: due) }
            }
        }
        state.withLock { $0.running -= 1 }
        state.notifyAll()
    }

    /// Nil if nothing is left. A thread that still works on an item comes back for that one by itself.
    private func nextItem() -> Int? {
        while true {
            let span = state.withLock { state in state.delayed.first.map { max(.zero, $0 - Clock.monotonic) } } ?? .seconds(60)
            let next = state.wait(atMost: span + .milliseconds(1)) { state -> Int?? in
                if call?.isCancelled == true { return .some(nil) }
                if let item = state.delayed.takeDue(at: Clock.monotonic) { return item }
                if state.next < count {
                    state.next += 1
                    return state.next - 1
                }
                return state.delayed.isEmpty ? .some(nil) : nil
            }
            if let next { return next }
        }
    }
}

/// Items in the order in which they become due: a binary heap.
struct DelayedItems {
    private var heap: [(due: Duration, item: Int)] = []

    var isEmpty: Bool { heap.isEmpty }
    /// When the first one becomes due.
    var first: Duration? { heap.first?.due }

    mutating func insert(_ item: Int, due: Duration) {
        heap.append((due, item))
        var child = heap.count - 1
        while child > 0, heap[child].due < heap[(child - 1) / 2].due {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func takeDue(at now: Duration) -> Int? {
        guard let first = heap.first, first.due <= now else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].due < heap[least].due {
                least = child
            }
            if least == parent { return first.item }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
