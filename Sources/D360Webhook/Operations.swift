import CD360Webhook
import Waiting
import WebhookModel

/// One of the nine operations, from its pointers to its answer. `makeRequest` throws what is wrong with it. Given `timeout`, it
/// is waited for: milliseconds.
func operate(
    _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ response: TextOut?,
    _ makeRequest: (Judge) throws(Failure) -> Request, waiting timeout: Int64? = nil
) -> d360_status {
    answer(into: response) { () throws(Failure) -> Told in
        let session = ClientSession.of(try required(client, "client"))
        let key = try text(try required(api_key, "api_key"), "api_key")
        return try session.call { call throws(Failure) in
            let service = session.service.webhooks
            let request = try makeRequest(Judge(scope: service.scope, policy: call.settings.urlPolicy))
            let key = try APIKey(key)
            if let timeout {
                return try logged("waba_webhook_wait", call) { () throws(Failure) in
                    Told(try waitForWABAWebhook(request, of: service, key: key, timeout: timeout, call: call))
                }
            }
            return try logged(request.operation.name, call) { () throws(Failure) in
                let answer = try service.perform(request, key: key, call: call)
                return Told(answer, request.operation.method == .get ? .notApplied : .applied)
            }
        }
    }
}

/// Tells the client's log how an operation ended.
func logged(
    _ name: StaticString, _ call: Call, _ body: () throws(Failure) -> Told
) throws(Failure) -> Told {
    let started = Clock.monotonic
    do throws(Failure) {
        let answer = try body()
        call.log.write(.info, "\(name) → D360_OK in \(Clock.monotonic - started) ms")
        return answer
    } catch {
        call.log.write(.error, "\(name) → \(error.status.name) in \(Clock.monotonic - started) ms: \(error.message)")
        throw error
    }
}

/// The same with a request_json.
func operate(
    _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ request_json: UnsafePointer<CChar>?, _ response: TextOut?,
    _ decode: (Judge) -> (JSON) throws(Failure) -> Operation, waiting timeout: Int64? = nil
) -> d360_status {
    guard let request_json else { return missing(client, api_key, "request_json", response) }
    let makeRequest = { (judge: Judge) throws(Failure) in
        let request = try text(request_json, "request_json", else: .malformedJSON)
        if let timeout, timeout < 0 { throw Failure(.invalidArgument, "timeout_ms is negative") }
        return try Request(request, judge) { judge, json throws(Failure) in try decode(judge)(json) }
    }
    return operate(client, api_key, response, makeRequest, waiting: timeout)
}

/// An argument is NULL: this one, unless one before it is.
func missing(
    _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ argument: StaticString, _ response: TextOut?
) -> d360_status {
    answer(into: response) { () throws(Failure) -> String in
        _ = try required(client, "client")
        _ = try required(api_key, "api_key")
        throw Failure(.invalidArgument, "\(argument) is NULL")
    }
}
