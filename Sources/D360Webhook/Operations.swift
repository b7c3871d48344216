import CD360Webhook
import Waiting
import WebhookModel

/// One of the nine operations, from its pointers to its answer. `makeRequest` throws what is wrong with it.
func operate(
    _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ response: TextOut?,
    _ makeRequest: (Judge) throws(Failure) -> Request
) -> d360_status {
    answer(into: response) { () throws(Failure) in
        let session = ClientSession.of(try required(client, "client"))
        let key = try text(try required(api_key, "api_key"), "api_key")
        return try session.call { call throws(Failure) in
            let service = session.service.webhooks
            let request = try makeRequest(Judge(scope: service.scope, policy: call.settings.urlPolicy))
            return try logged(request.operation, call) { () throws(Failure) in
                try service.perform(request, key: APIKey(key), call: call)
            }
        }
    }
}

/// Tells the client's log how an operation ended.
private func logged(
    _ operation: Operation, _ call: Call, _ body: () throws(Failure) -> String
) throws(Failure) -> String {
    let started = Clock.monotonic
    do throws(Failure) {
        let answer = try body()
        call.log.write(.info, "\(operation.name) → D360_OK in \(Clock.monotonic - started) ms")
        return answer
    } catch {
        call.log.write(.error, "\(operation.name) → \(error.status.name) in \(Clock.monotonic - started) ms: \(error.message)")
        throw error
    }
}

/// The same with a request_json.
func operate(
    _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ request_json: UnsafePointer<CChar>?, _ response: TextOut?,
    _ decode: (Judge) -> (JSON) throws(Failure) -> Operation
) -> d360_status {
    guard let request_json else { return missing(client, api_key, "request_json", response) }
    return operate(client, api_key, response) { judge throws(Failure) in
        let request = try text(request_json, "request_json", else: .malformedJSON)
        return try Request(request, judge) { judge, json throws(Failure) in try decode(judge)(json) }
    }
}

/// An argument is NULL: this one, unless one before it is.
func missing(
    _ client: OpaquePointer?, _ api_key: UnsafePointer<CChar>?, _ argument: StaticString, _ response: TextOut?
) -> d360_status {
    answer(into: response) { () throws(Failure) in
        _ = try required(client, "client")
        _ = try required(api_key, "api_key")
        throw Failure(.invalidArgument, "\(argument) is NULL")
    }
}
