import CD360Webhook
import EmbeddedService
import JSON
import RemoteService
import SQLiteStorage
import Support
import WebhookModel

/// A client's log callback, as C declares it.
public typealias LogFunction = @convention(c) (Int32, UnsafePointer<CChar>?, UnsafeMutableRawPointer?) -> Void

@_cdecl("d360_open") @implementation
public func d360_open(
    _ service_url: UnsafePointer<CChar>?, _ options_json: UnsafePointer<CChar>?,
    _ client: UnsafeMutablePointer<OpaquePointer?>?, _ error_json: TextOut?
) -> d360_status {
    returnClient(client, error_json) { () throws(Failure) in
        let url = try nonNull(service_url, "service_url")
        _ = try nonNull(client, "client")
        let serviceURL = try text(url, "service_url")
        let given = try ClientOptions(options(options_json))
        return ClientSession(try service(serviceURL, given), given.settings)
    }
}

@_cdecl("d360_derive") @implementation
public func d360_derive(
    _ client: OpaquePointer?, _ options_json: UnsafePointer<CChar>?,
    _ derived: UnsafeMutablePointer<OpaquePointer?>?, _ error_json: TextOut?
) -> d360_status {
    returnClient(derived, error_json) { () throws(Failure) in
        let parent = ClientSession.of(try nonNull(client, "client"))
        _ = try nonNull(derived, "derived")
        return try parent.call { call throws(Failure) in
            let given = try ClientOptions(options(options_json), derivedFrom: parent.settings)
            if case .embedded = parent.service { try checkEmbedded(given.settings.urlPolicy) }
            try call.check()
            return ClientSession(parent.service, given.settings)
        }
    }
}

@_cdecl("d360_close") @implementation
public func d360_close(_ client: OpaquePointer?) {
    if let client { ClientSession.close(client) }
}

@_cdecl("d360_cancel") @implementation
public func d360_cancel(_ client: OpaquePointer?) {
    if let client { ClientSession.of(client).cancel() }
}

@_cdecl("d360_stop") @implementation
public func d360_stop(_ client: OpaquePointer?) {
    if let client { ClientSession.of(client).stop() }
}

@_cdecl("d360_set_log") @implementation
public func d360_set_log(_ client: OpaquePointer?, _ log: LogFunction?, _ context: UnsafeMutableRawPointer?) {
    if let client { ClientSession.of(client).setLog(log, context) }
}

/// Stores a new client, or NULL and the error document.
private func returnClient(
    _ client: UnsafeMutablePointer<OpaquePointer?>?, _ error_json: TextOut?, _ make: () throws(Failure) -> ClientSession
) -> d360_status {
    client?.pointee = nil
    error_json?.pointee = nil
    do throws(Failure) {
        // Not inside the assignment: its right side would not run if `client` is NULL.
        let session = try make()
        client?.pointee = session.retainedPointer()
        return d360_status(D360_OK)
    } catch {
        return fail(error, into: error_json)
    }
}

private func service(_ url: String, _ options: ClientOptions) throws(Failure) -> Service {
    guard let location = try DatabaseLocation(serviceURL: url) else {
        let agent = "libd360webhook/\(version)"
        return .remote(try RemoteService(url, options: options.remote, agent: agent))
    }
    try checkEmbedded(options.settings.urlPolicy)
    return .embedded(EmbeddedService(try SQLiteStorage(location), options: options.embedded))
}

/// An embedded service applies the rules itself, so it has no policy "none".
private func checkEmbedded(_ policy: URLPolicy) throws(Failure) {
    if policy == .none {
        throw ClientOptions.bad("url_policy", "must not be \"none\" for an embedded service")
    }
}
