import EmbeddedService
import Support
import Synchronization
import WebhookModel

/// Answers requests, in the order in which the rules answer. Knows nothing of connections. Safe to use from any thread.
final class Application: Sendable {
    /// Milliseconds that a request may wait for the storage: less than clients commonly wait for an answer.
    static let patience: Int64 = 5_000

    let metrics: Metrics
    private let service: EmbeddedService
    private let policy: URLPolicy
    private let readingsMayWait: Bool
    private let adminToken: AdminToken?
    private let log: LogWriter
    /// The library's own log, which nobody listens to here.
    private let silence = Log()
    private let cancellation = Cancellation()
    private let stopping = Atomic<Bool>(false)

    /// `readingsMayWait`: the storage is somewhere else.
    init(
        _ service: EmbeddedService, readingsMayWait: Bool, policy: URLPolicy, adminToken: AdminToken?, metrics: Metrics,
        log: LogWriter
    ) {
        self.service = service
        self.readingsMayWait = readingsMayWait
        self.policy = policy
        self.adminToken = adminToken
        self.metrics = metrics
        self.log = log
    }

    /// From now on it is not ready for more; what it is asked it answers all the same.
    func stop() { stopping.store(true, ordering: .releasing) }

    var isStopping: Bool { stopping.load(ordering: .acquiring) }

    /// Ends what waits for the storage.
    func cancel() { cancellation.cancel() }

    /// Whether an answer may keep its thread waiting for the storage.
    func mayWait(in endpoint: Endpoint) -> Bool {
        switch endpoint.storage {
        case .none: false
        case .reads: readingsMayWait
        case .writes: true
        }
    }

    /// `came`: when the whole request had come, in monotonic milliseconds.
    func respond(_ question: Question, _ endpoint: Endpoint, since came: Int64 = Clock.milliseconds) -> Response {
        do throws(Failure) {
            let call = try call(since: came)
            switch endpoint.work {
            case .open(let answer): return answer(self)
            case .operation(let makeRequest): return .ok(try perform(question, makeRequest, call))
            case .admin(let answer):
                guard let adminToken, adminToken.isIn(question.authorization) else { throw .withoutToken }
                return .ok(try answer(service, question, call))
            case .readiness: return try readiness(call)
            }
        } catch {
            return refuse(error, endpoint)
        }
    }

    private func perform(
        _ question: Question, _ makeRequest: (RequestValidator, Question) throws(Failure) -> Request, _ call: Call
    ) throws(Failure) -> String {
        let key = try key(question)
        let request: Request
        do throws(Failure) {
            request = try makeRequest(RequestValidator(scope: .embedded, policy: policy), question)
        } catch {
            // A key that nobody has is told first, whatever else is wrong.
            try service.authorize(key, call: call)
            throw error
        }
        return try service.perform(request, key: key, call: call)
    }

    /// What no key has is no key.
    private func key(_ question: Question) throws(Failure) -> APIKey {
        do throws(Failure) { return try APIKey(question.key) } catch { throw .unauthorized }
    }

    /// Whether requests can be answered: asks the storage.
    private func readiness(_ call: Call) throws(Failure) -> Response {
        guard !isStopping else { return Response(.stopping) }
        try service.ping(call: call)
        return .ok(#"{"status":"ready"}"#)
    }

    /// What the storage does for a request, in the time that is left of its patience.
    private func call(since came: Int64) throws(Failure) -> Call {
        let rest = Self.patience - (Clock.milliseconds - came)
        guard rest > 0 else { throw Failure(.storageError, "too many requests wait for the storage: try again") }
        let deadline = Deadline(in: .milliseconds(min(rest, Self.patience)))
        var settings = CallSettings()
        settings.timeout = deadline.remaining
        return Call(settings: settings, deadline: deadline, cancellation: cancellation.token, log: silence)
    }

    private func refuse(_ failure: Failure, _ endpoint: Endpoint) -> Response {
        // Nobody but `cancel` cancels.
        let failure = failure.status == .cancelled ? .stopping : failure
        switch failure.status {
        case .storageError, .outOfMemory, .internalError:
            if failure.status == .storageError { metrics.countStorageError() }
            log.write(.error, "\(endpoint.name) → \(failure.status.name): \(failure.message)")
        default: break
        }
        var response = Response(failure)
        if case .admin = endpoint.work, failure.status == .unauthorized {
            response.headers.append(("WWW-Authenticate", "Bearer"))
        }
        return response
    }
}

extension Failure {
    fileprivate static let stopping = Failure(.storageError, "the daemon is stopping")
    fileprivate static let withoutToken = Failure(.unauthorized, "the admin token is missing or wrong")
}
