import EmbeddedService
import Foundation
import JSON
import PostgreSQLStorage
import Support
import WebhookModel

/// An embedded service on a database.
struct DatabaseService: Sendable {
    let service: EmbeddedService
    private let storage: PostgreSQLStorage

    init(_ url: String, connections: Int = 8, _ configure: (inout EmbeddedOptions) -> Void = { _ in }) throws(Failure) {
        self.init(try PostgreSQLStorage(url, connections: connections), configure)
    }

    init(_ storage: PostgreSQLStorage, _ configure: (inout EmbeddedOptions) -> Void = { _ in }) {
        self.storage = storage
        var options = EmbeddedOptions()
        options.maxDestinations = 1_000
        configure(&options)
        // The moments come from the database: these would show.
        service = EmbeddedService(storage, options: options) { 0 }
    }

    /// The server counts what its sessions did when they end.
    func close() { storage.close() }

    func register(json: String) throws(Failure) {
        _ = try service.register(ChannelRegistration(json), call: Self.call())
    }

    func register(_ id: String, waba: Int = 77) throws(Failure) {
        try register(json: #"{"phone_number_id":"\#(id)","waba_id":\#(waba),"api_key":"key\#(id)"}"#)
    }

    func remove(_ id: String) throws(Failure) { _ = try service.removeChannel(id, call: Self.call()) }

    @discardableResult
    func perform(_ operation: WebhookModel.Operation, _ id: String = "1", call: Call = call()) throws(Failure) -> String {
        try service.perform(Request(operation), key: APIKey("key\(id)"), call: call)
    }

    @discardableResult
    func append(_ names: String..., to id: String = "1", call: Call = call()) throws(Failure) -> String {
        try perform(.multiWebhookAppend(names.map(Self.destination)), id, call: call)
    }

    func update(_ text: String, _ id: String = "1") throws(Failure) {
        let request = try Request(.multiWebhookUpdate, text, RequestValidator(scope: .embedded, policy: .cloud), nil)
        _ = try service.perform(request, key: APIKey("key\(id)"), call: Self.call())
    }

    func enable(_ id: String = "1") throws(Failure) {
        try perform(.multiWebhookSet(enabled: true, destinations: []), id)
    }

    func setCustomerWebhook(_ url: String = "https://own.example.com", _ id: String = "1") throws(Failure) {
        try perform(.customerWebhookSet(Webhook(url: ExactString(url))), id)
    }

    func setWABAWebhook(_ url: String = "https://w.example.com", overrideAll: Bool = false, _ id: String = "1") throws(Failure) {
        try perform(.wabaWebhookSet(Webhook(url: ExactString(url)), overrideAll: overrideAll), id)
    }

    /// The names of the destinations that are shown.
    func names(_ id: String = "1") throws -> [String] {
        let shown = try JSON.answer(perform(.multiWebhookGet, id))
        return shown["destinations"]?.elements.compactMap { $0["name"]?.string } ?? []
    }

    func customerWebhook(_ id: String = "1") throws(Failure) -> String { try perform(.customerWebhookGet, id) }
    func wabaWebhook(_ id: String = "1") throws(Failure) -> String { try perform(.wabaWebhookGet, id) }

    static func destination(_ name: String) -> Destination {
        Destination(name: ExactString(name), webhook: Webhook(url: "https://hooks.example.com"))
    }

    /// `timeout` is in milliseconds.
    static func call(_ cancellation: Cancellation = Cancellation(), timeout: Int64 = 30_000) -> Call {
        Call(settings: CallSettings(), cancellation: cancellation.token, log: Log()).operation(within: .milliseconds(timeout))
    }
}

/// Runs `body` on a thread of its own.
func thread(_ body: @escaping @Sendable () -> Void) -> DispatchGroup {
    let group = DispatchGroup()
    group.enter()
    Thread.detachNewThread {
        body()
        group.leave()
    }
    return group
}

func sleep(milliseconds: Int) { Thread.sleep(forTimeInterval: Double(milliseconds) / 1_000) }
