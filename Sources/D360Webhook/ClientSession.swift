import CD360Webhook
import EmbeddedService
import Glibc
import RemoteService
import Synchronization
import WebhookModel

/// What stands behind a `d360_client *`: a service, shared with derived clients, and what is the client's own.
final class ClientSession: Sendable {
    let service: Service
    let settings: Settings
    private let log = Log()
    private let cancellation = Cancellation()
    /// Calls in flight.
    private let calls = Atomic<Int>(0)
    /// The process whose calls are counted.
    private let process = Atomic<pid_t>(getpid())

    init(_ service: Service, _ settings: Settings) {
        self.service = service
        self.settings = settings
    }

    /// Runs one call. Every entry that uses the client goes through here.
    func call<Result>(_ body: (Call) throws(Failure) -> Result) throws(Failure) -> Result {
        guard !wasBusyAtFork() else {
            throw Failure(.internalError, "this client was busy in another thread when the process forked: open a new one")
        }
        calls.add(1, ordering: .acquiringAndReleasing)
        defer { calls.subtract(1, ordering: .acquiringAndReleasing) }
        return try body(Call(settings: settings, cancellation: cancellation, log: log))
    }

    func cancel() { cancellation.cancel() }

    /// Does nothing where a thread that this process does not have may hold the log.
    func setLog(_ sink: Log.Sink?, _ context: UnsafeMutableRawPointer?) {
        if !wasBusyAtFork() { log.set(sink, context) }
    }

    /// Cancels what is in flight and waits for it. False: the client cannot be freed, as a thread that this process does
    /// not have is inside it.
    func end() -> Bool {
        guard !wasBusyAtFork() else { return false }
        while calls.load(ordering: .acquiring) > 0 {
            cancel()
            usleep(500)
        }
        return true
    }

    /// In a child: whether calls were in flight at the fork. Their threads are not here, and what they held is held for
    /// good. A client that was idle becomes this process's own.
    private func wasBusyAtFork() -> Bool {
        let now = getpid()
        let owner = process.load(ordering: .acquiring)
        if owner == now { return false }
        if calls.load(ordering: .acquiring) > 0 { return process.load(ordering: .acquiring) != now }
        process.store(now, ordering: .releasing)
        return false
    }
}

extension ClientSession {
    /// Hands a reference to C, which gives it back by `d360_close`.
    func handedOut() -> OpaquePointer { OpaquePointer(Unmanaged.passRetained(self).toOpaque()) }

    static func of(_ pointer: OpaquePointer) -> ClientSession {
        Unmanaged<ClientSession>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
    }

    /// Takes the reference back.
    static func close(_ pointer: OpaquePointer) {
        let reference = Unmanaged<ClientSession>.fromOpaque(UnsafeRawPointer(pointer))
        guard reference.takeUnretainedValue().end() else { return }
        var session = reference.takeRetainedValue()
        // A call that has been counted out still holds its reference for a moment: were it the last one, connections would
        // be closed on that thread, after this function returned.
        while !isKnownUniquelyReferenced(&session) { usleep(50) }
    }
}

/// What `d360_open` found behind the URL.
enum Service: Sendable {
    case remote(RemoteService)
    case embedded(EmbeddedService)

    /// Who answers the nine operations.
    var webhooks: any WebhookService {
        switch self {
        case .remote(let service): service
        case .embedded(let service): service
        }
    }

    func channels(_ function: StaticString) throws(Failure) -> EmbeddedService {
        switch self {
        case .embedded(let service): return service
        case .remote: throw Failure(.unsupported, "\(function) is for embedded services: a remote one registers its own channels")
        }
    }
}
