import Glibc
import JSON
import Support
import WebhookModel

/// Shared by the phases of one fleet call: the service, the threads, the rate of requests, progress and the count of failures.
final class FleetSession: Sendable {
    private struct State {
        var events: [(account: Int, text: String)] = []
        var done = 0
        var failed = 0
        var isReported: [Bool]
    }

    let service: any WebhookService
    let call: Call
    let document: FleetDocument
    let options: FleetOptions
    /// The places of the selected accounts.
    let selected: [Int]
    private let limit: RateLimit
    /// Of all accounts of the document.
    private let secrets: SecretIndex
    private let own = Cancellation()
    /// Not Sendable, but only the caller's thread calls it.
    nonisolated(unsafe) private let progress: Fleet.Progress?
    private let state: Locked<State>

    convenience init(_ context: Fleet.Context, _ document: FleetDocument, _ options: FleetOptions) throws(Failure) {
        self.init(context, document, options, selected: try options.selected(from: document.accounts, context.call))
    }

    private init(_ context: Fleet.Context, _ document: FleetDocument, _ options: FleetOptions, selected: [Int]) {
        service = context.service
        call = context.call.cancelled(by: own)
        progress = context.progress
        self.document = document
        self.options = options
        secrets = SecretIndex(call) { collect in
            for account in document.accounts {
                guard collect(account.key.text), account.secrets.allSatisfy(collect) else { return }
            }
        }
        self.selected = selected
        limit = RateLimit(ceiling: options.requestsPerSecond, timeout: call.settings.timeout)
        state = Locked(State(isReported: Array(repeating: false, count: document.accounts.count)))
    }

    func account(_ index: Int) -> FleetAccount { document.accounts[index] }

    /// Throws if the call was cancelled.
    func check() throws(Failure) { if call.isCancelled { throw .cancelled } }

    // Requests

    func write(_ operation: Operation, for index: Int) throws(Failure) {
        let request = try Request(operation)
        _ = try service.perform(request, key: account(index).key, call: throttledCall(index))
    }

    func read(_ setting: OperationKind.Setting, of index: Int) throws(Failure) -> Reading {
        try service.read(setting, key: account(index).key, call: throttledCall(index)).reading
    }

    private func throttledCall(_ index: Int) throws(Failure) -> Call {
        let throttle = ThrottledOperation(limit, key: index)
        let call = call.throttled(by: throttle)
        guard service.scope == .embedded else {
            // The service's words may repeat what another part of the document holds.
            return call.operation().redacting(Secrets(account(index).secrets, others: secrets))
        }
        try throttle.acquire(call)
        return call
    }

    // Threads

    /// An embedded service answers at once: more threads than processors only get in each other's way, and each holds a
    /// connection.
    private var concurrency: Int {
        guard service.scope == .embedded else { return options.concurrency }
        return min(options.concurrency, processors)
    }

    /// Works on 0..<count with the threads of this call. The caller's own thread delivers progress meanwhile.
    func perform(_ count: Int, _ work: @escaping @Sendable (Int) -> Workers.ItemResult) throws(Failure) {
        try Workers.perform(count, concurrency: concurrency, call: call, deliver: { deliverProgress() }, work)
    }

    /// Computes for 0..<count with at most as many threads as there are processors; `meanwhile` runs on the caller's thread now
    /// and then, and once more at the end. No cancel ends it. The caller makes up for
    /// what was not done if there is no memory for a thread.
    func compute(_ count: Int, meanwhile: () -> Void, _ work: @escaping @Sendable (Int) -> Void) {
        try? Workers.perform(count, concurrency: min(options.concurrency, processors), call: nil, deliver: meanwhile) { item in
            work(item)
            return .done
        }
    }

    private var processors: Int { max(2, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    // Progress

    /// Reports that an account's result is final: its row will have this status and so many actions.
    func report(_ index: Int, _ status: Status, actions: Int) {
        state.withLock { state in
            guard !state.isReported[index] else { return }
            state.isReported[index] = true
            state.done += 1
            guard progress != nil else { return }
            var event = JSONWriter()
            event.object { event in
                event.member("done", Int64(state.done))
                event.member("total", Int64(selected.count))
                event.member("name", document.accounts[index].name)
                event.member("status", status.name)
                event.member("actions", Int64(actions))
            }
            state.events.append((index, event.text))
        }
    }

    /// True for the accounts that were reported; an event that was not delivered does not count.
    var reported: [Bool] {
        state.withLock { state in
            var reported = state.isReported
            for event in state.events { reported[event.account] = false }
            return reported
        }
    }

    /// Hands the events over on the caller's thread; no lock is held meanwhile.
    func deliverProgress() {
        guard let progress else { return }
        while !call.isCancelled {
            let events = state.withLock { $0.events }
            if events.isEmpty { return }
            var delivered = 0
            for event in events where !call.isCancelled {
                delivered += 1
                if progress(event.text) { own.cancel() }
            }
            state.withLock { $0.events.removeFirst(delivered) }
        }
    }

    // max_failures

    func recordFailure() { state.withLock { $0.failed += 1 } }

    /// Nil if another account may be begun; otherwise why it is skipped.
    func reasonNotToStart() -> Failure? {
        guard let limit = options.maxFailures, state.withLock({ $0.failed }) >= limit else { return nil }
        return Failure(.cancelled, FindingMessages.tooManyFailures(limit), retryable: true)
    }
}
