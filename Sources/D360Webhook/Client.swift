import CD360Webhook
import EmbeddedService
import RemoteService
import SQLiteStorage
import WebhookModel

@_cdecl("d360_open") @implementation
public func d360_open(
    _ service_url: UnsafePointer<CChar>?, _ options_json: UnsafePointer<CChar>?,
    _ client: UnsafeMutablePointer<OpaquePointer?>?, _ error_json: TextOut?
) -> d360_status {
    handOut(client, error_json) { () throws(Failure) in
        let url = try required(service_url, "service_url")
        _ = try required(client, "client")
        let serviceURL = try text(url, "service_url")
        let given = try Options(options(options_json))
        return ClientSession(try service(serviceURL, given), given.settings)
    }
}

@_cdecl("d360_derive") @implementation
public func d360_derive(
    _ client: OpaquePointer?, _ options_json: UnsafePointer<CChar>?,
    _ derived: UnsafeMutablePointer<OpaquePointer?>?, _ error_json: TextOut?
) -> d360_status {
    handOut(derived, error_json) { () throws(Failure) in
        let parent = ClientSession.of(try required(client, "client"))
        _ = try required(derived, "derived")
        guard let text = try options(options_json) else { return ClientSession(parent.service, parent.settings) }
        let given = try Options(text, derivedFrom: parent.settings)
        if case .embedded = parent.service { try check(given.settings.urlPolicy) }
        return ClientSession(parent.service, given.settings)
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

@_cdecl("d360_set_log") @implementation
public func d360_set_log(_ client: OpaquePointer?, _ log: Log.Sink?, _ context: UnsafeMutableRawPointer?) {
    if let client { ClientSession.of(client).setLog(log, context) }
}

/// Stores a new client, or NULL and the error document.
private func handOut(
    _ client: UnsafeMutablePointer<OpaquePointer?>?, _ error_json: TextOut?, _ make: () throws(Failure) -> ClientSession
) -> d360_status {
    client?.pointee = nil
    error_json?.pointee = nil
    do throws(Failure) {
        // Before it is stored: what stands right of `client?.pointee =` would not run for NULL.
        let made = try make()
        client?.pointee = made.handedOut()
        return d360_status(D360_OK)
    } catch {
        return refuse(error, into: error_json)
    }
}

private func service(_ url: String, _ options: Options) throws(Failure) -> Service {
    let scheme = "sqlite:"
    guard url.utf8.starts(with: scheme.utf8) else {
        let agent = "libd360webhook/\(version)"
        return .remote(try RemoteService(url, options: options.service, agent: agent))
    }
    try check(options.settings.urlPolicy)
    let path = String(decoding: url.utf8.dropFirst(scheme.utf8.count), as: UTF8.self)
    guard !path.isEmpty else { throw Failure(.invalidArgument, "service_url names no file after sqlite:") }
    let storage = try SQLiteStorage(path: path == ":memory:" ? nil : path)
    return .embedded(EmbeddedService(storage, options: options.service))
}

/// An embedded service decides by the rules: it has no policy "none".
private func check(_ policy: URLPolicy) throws(Failure) {
    if policy == .none {
        throw Options.bad("url_policy", "\"none\" is for remote services")
    }
}
