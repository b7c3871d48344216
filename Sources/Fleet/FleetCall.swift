import Glibc
import JSON
import Support
import WebhookModel

/// One of the four calls on a fleet, from its document to its report. Its threads live inside the call.
package final class FleetCall: @unchecked Sendable {
    package typealias Progress = (String) -> Bool

    enum Purpose { case plan, apply, audit, export }

    let purpose: Purpose
    let service: any WebhookService
    let call: Call
    let options: FleetOptions
    /// Every account of the document.
    let rows: [Row]
    /// Places of those that are meant.
    let chosen: [Int]
    private let limit: RateLimit
    private let own: Cancellation
    /// Takes an event's JSON text on the caller's thread; true cancels the call.
    private let progress: Progress?
    private let mutex = Mutex()
    private var events: [String] = []
    private var done = 0
    private var failed = 0

    init(
        _ purpose: Purpose, on service: any WebhookService, _ document: FleetDocument, _ options: FleetOptions, call: Call,
        progress: Progress?
    ) throws(Failure) {
        self.purpose = purpose
        self.service = service
        self.options = options
        self.progress = progress
        own = Cancellation()
        self.call = call.cancelled(by: own)
        rows = document.accounts.map { Row($0) }
        let isChosen = try options.chosen(from: document.accounts)
        chosen = rows.indices.filter { isChosen[$0] }
        limit = RateLimit(ceiling: options.requestsPerSecond, patience: Int(call.settings.timeout.milliseconds))
    }

    var validator: RequestValidator { RequestValidator(scope: service.scope, policy: call.settings.urlPolicy) }

    /// A write, at the throttle that the whole call keeps to.
    func write(_ request: Request, _ key: APIKey) throws(Failure) {
        _ = try service.perform(request, key: key, call: throttled())
    }

    /// A reading, at that throttle too.
    func read(_ setting: OperationKind.Setting, _ key: APIKey) throws(Failure) -> Reading {
        try service.read(setting, key: key, redacting: [], call: throttled()).reading
    }

    private func throttled() throws(Failure) -> Call {
        let turns = Turns(limit)
        let call = call.throttled(by: turns)
        if service.scope == .embedded { try turns.acquire(call) }
        return call
    }

    /// An embedded service answers at once: more threads than cores are in each other's way, and each has a connection's memory.
    private var threads: Int {
        guard service.scope == .embedded else { return options.concurrency }
        return min(options.concurrency, max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }

    /// Works on the items with the threads of this call, while the caller's own thread tells of progress.
    func run(_ count: Int, _ work: @escaping @Sendable (Int) -> Workers.Step) throws(Failure) {
        try Workers.run(count, concurrency: threads, call: call, idle: tell, work)
    }

    // Progress

    /// The account has its result.
    func report(_ row: Row) {
        mutex.locked {
            guard !row.isReported else { return }
            row.isReported = true
            done += 1
            guard progress != nil else { return }
            let count = purpose == .plan || purpose == .apply ? max(row.actions.count, row.difference?.actions.count ?? 0) : 0
            let event = try? JSON.object([
                ("done", .integer(Int64(done))), ("total", .integer(Int64(chosen.count))),
                ("name", .string(row.account.name)), ("status", .string("\(row.status.name)")),
                ("actions", .integer(Int64(purpose == .apply && !row.actions.isEmpty ? row.results.count : count))),
            ]).text()
            if let event { events.append(event) }
        }
    }

    /// On the caller's thread.
    func tell() {
        guard let progress else { return }
        while true {
            let event: String? = mutex.locked { events.isEmpty ? nil : events.removeFirst() }
            guard let event, !call.isCancelled else { return }
            if progress(event) { own.cancel() }
        }
    }

    // max_failures

    func count(_ row: Row) {
        guard row.category == .failed else { return }
        mutex.locked {
            guard !row.isCounted else { return }
            row.isCounted = true
            failed += 1
        }
    }

    /// False: so many accounts have failed that this one, which nothing was done for, is skipped.
    func mayBegin(_ row: Row) -> Bool {
        mutex.locked {
            guard !row.isBegun, purpose == .apply, let most = options.maxFailures else { return true }
            guard failed >= most else { return true }
            let why = Failure(.cancelled, "not begun, as \(most) accounts have failed (max_failures)", retryable: true)
            row.ending = row.ending ?? .skipped(why)
            return false
        }
    }
}
