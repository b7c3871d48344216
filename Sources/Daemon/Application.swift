import Support
import Synchronization
import WebhookModel

/// Answers requests. It knows nothing of connections and may be used from any thread.
final class Application: Sendable {
    /// How long a request may take after it has come: less than clients commonly wait for an answer.
    static let timeLimit = Duration.seconds(5)

    let metrics: Metrics
    let router: Router
    private let readingsMayBlock: Bool
    private let adminToken: AdminToken?
    private let log: LogWriter
    /// Takes the library's own lines, which are not shown.
    private let silence = Log()
    private let cancellation = Cancellation()
    private let stopping = Atomic<Bool>(false)

    /// `readingsMayBlock`: the storage is on another machine.
    init(_ router: Router, readingsMayBlock: Bool, adminToken: AdminToken?, metrics: Metrics, log: LogWriter) {
        self.router = router
        self.readingsMayBlock = readingsMayBlock
        self.adminToken = adminToken
        self.metrics = metrics
        self.log = log
    }

    /// Makes /readyz fail. Requests are still answered.
    func stop() { stopping.store(true, ordering: .releasing) }

    var isStopping: Bool { stopping.load(ordering: .acquiring) }

    /// Ends the calls that wait for the storage, and later ones at once.
    func cancel() { cancellation.stop() }

    /// The endpoint may keep its thread waiting for the storage.
    func mayBlock(_ endpoint: Endpoint) -> Bool {
        switch endpoint.storage {
        case .none: false
        case .reads: readingsMayBlock
        case .writes: true
        }
    }

    /// A call for a request that has just come as a whole. Its one deadline bounds the queue, the locks and the statements.
    func makeCall() -> Call {
        Call(settings: CallSettings(), cancellation: cancellation.token, log: silence).operation(within: Self.timeLimit)
    }

    func respond(to request: HTTPRequest, _ endpoint: Endpoint, _ call: Call) -> HTTPResponse {
        do throws(Failure) {
            if call.deadline.hasPassed { throw Failure(.storageError, "too many requests wait for the storage: try again") }
            if endpoint.access == .adminToken {
                guard let adminToken, adminToken.isIn(request.credential) else { throw .missingToken }
            }
            if isStopping && endpoint.name == "readyz" { throw .stopping }
            return try endpoint.handler(request, call)
        } catch {
            return reject(error, endpoint)
        }
    }

    private func reject(_ failure: Failure, _ endpoint: Endpoint) -> HTTPResponse {
        let failure =
            switch failure.status {
            case .cancelled: Failure.stopping.with { $0.outcome = failure.outcome }  // only `cancel` cancels
            case .timeout: failure.with { $0.status = .storageError }
            default: failure
            }
        switch failure.status {
        case .storageError, .outOfMemory, .internalError:
            if failure.status == .storageError { metrics.countStorageError() }
            log.write(.error, "\(endpoint.name) → \(failure.status.name): \(failure.message)")
        default: break
        }
        var response = HTTPResponse(failure)
        if endpoint.access == .adminToken && failure.status == .unauthorized {
            response.headers.append(("WWW-Authenticate", "Bearer"))
        }
        return response
    }
}

extension Failure {
    fileprivate static let stopping = Failure(.storageError, "the daemon is stopping")
    fileprivate static let missingToken = Failure(.unauthorized, "the admin token is missing or wrong")
}
