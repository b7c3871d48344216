import CD360Webhook
import EmbeddedService
import Glibc
import RemoteService
import Support
import Synchronization
import WebhookModel

/// The object behind a `d360_client *`: a service, shared with derived clients, and the client's own settings, cancel and log.
final class ClientSession: Sendable {
    let service: Service
    let settings: CallSettings
    private let log = Log()
    private let cancellation = Cancellation()
    private let callsInFlight = Atomic<Int>(0)
    /// `callsInFlight` counts the calls of this process.
    private let process = Atomic<UInt64>(Fork.generation)

    init(_ service: Service, _ settings: CallSettings) {
        self.service = service
        self.settings = settings
    }

    /// Runs one call. Every export that uses the client's service goes through here.
    func call<Result>(_ body: (Call) throws(Failure) -> Result) throws(Failure) -> Result {
        guard !wasBusyAtFork() else {
            throw Failure(.internalError, "this client was busy in another thread when the process forked: open a new client")
        }
        callsInFlight.add(1, ordering: .acquiringAndReleasing)
        defer { callsInFlight.subtract(1, ordering: .acquiringAndReleasing) }
        let call = Call(settings: settings, cancellation: cancellation.token, log: log)
        if call.isCancelled { throw .cancelled }  // the client was stopped
        return try body(call)
    }

    func cancel() { cancellation.cancel() }

    func stop() { cancellation.stop() }

    /// Does nothing if a thread that this process does not have may be inside the log.
    func setLog(_ sink: Log.Sink?, _ context: UnsafeMutableRawPointer?) {
        if !wasBusyAtFork() { log.set(sink, context) }
    }

    /// Stops the client and waits for its calls. False if the client cannot be freed, as a thread that this process does not
    /// have is inside it.
    private func end() -> Bool {
        guard !wasBusyAtFork() else { return false }
        stop()
        while callsInFlight.load(ordering: .acquiring) > 0 { usleep(500) }
        return true
    }

    /// True if calls were in flight when the parent forked: their threads are not here, and what they held is held for good. A
    /// client that was idle becomes this process's own.
    private func wasBusyAtFork() -> Bool {
        let now = Fork.generation
        if process.load(ordering: .acquiring) == now { return false }
        if callsInFlight.load(ordering: .acquiring) > 0 { return process.load(ordering: .acquiring) != now }
        process.store(now, ordering: .releasing)
        return false
    }
}

extension ClientSession {
    /// A reference for C, which gives it back by `d360_close`.
    func retainedPointer() -> OpaquePointer { OpaquePointer(Unmanaged.passRetained(self).toOpaque()) }

    static func of(_ pointer: OpaquePointer) -> ClientSession {
        Unmanaged<ClientSession>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
    }

    /// Takes the reference back.
    static func close(_ pointer: OpaquePointer) {
        let reference = Unmanaged<ClientSession>.fromOpaque(UnsafeRawPointer(pointer))
        guard reference.takeUnretainedValue().end() else { return }
        var session = reference.takeRetainedValue()
        // A call that has been counted out still holds its reference for a moment. If that were the last one, connections would
        // be closed on its thread, after this function returned.
        while !isKnownUniquelyReferenced(&session) { usleep(50) }
    }
}

/// `d360_open` found one of these behind the URL.
enum Service: Sendable {
    case remote(RemoteService)
    case embedded(EmbeddedService)

    /// The service as the nine operations see it.
    var webhooks: any WebhookService {
        switch self {
        case .remote(let service): service
        case .embedded(let service): service
        }
    }

    /// The call of one operation: time limits are options of remote services.
    func operation(of call: Call) -> Call {
        switch self {
        case .remote: call.operation()
        case .embedded: call
        }
    }

    func embedded(_ function: StaticString) throws(Failure) -> EmbeddedService {
        switch self {
        case .embedded(let service): return service
        case .remote: throw Failure(.unsupported, "\(function) needs an embedded service; a remote service has its own channels")
        }
    }
}
