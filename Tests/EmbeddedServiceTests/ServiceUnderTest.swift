import EmbeddedService
import JSON
import SQLiteStorage
import Support
import Synchronization
import WebhookModel

/// An embedded service in memory, with a clock that a test sets.
final class ServiceUnderTest: Sendable {
    let service: EmbeddedService
    private let milliseconds: Moment

    /// Has a channel `1` on WABA 77 whose key is "key".
    init(_ storage: SQLiteStorage? = nil, _ configure: (inout EmbeddedOptions) -> Void = { _ in }) throws {
        var options = EmbeddedOptions()
        configure(&options)
        let milliseconds = Moment()
        self.milliseconds = milliseconds
        service = EmbeddedService(try storage ?? SQLiteStorage(.memory) { milliseconds.now }, options: options)
        try register(#"{"phone_number_id": "1", "phone_number": "+491", "waba_id": 77, "api_key": "key"}"#)
    }

    func sleep(_ duration: Int64) { milliseconds.advance(duration) }

    var call: Call { Call(settings: CallSettings(), cancellation: Cancellation().token, log: Log()) }

    private var validator: RequestValidator { RequestValidator(scope: .embedded, policy: .cloud) }

    @discardableResult
    func register(_ channel: String) throws(Failure) -> String { try service.register(ChannelRegistration(channel), call: call) }

    func perform(_ operation: Operation, key: String = "key") throws(Failure) -> String {
        try service.perform(Request(operation), key: APIKey(key), call: call)
    }

    @discardableResult
    func set(_ text: String, key: String = "key") throws(Failure) -> String {
        try send(text, key, .multiWebhookSet)
    }

    @discardableResult
    func append(_ text: String, key: String = "key") throws(Failure) -> String {
        try send(text, key, .multiWebhookAppend)
    }

    @discardableResult
    func update(_ text: String, key: String = "key") throws(Failure) -> String {
        try send(text, key, .multiWebhookUpdate)
    }

    @discardableResult
    func delete(_ name: String, key: String = "key") throws(Failure) -> String {
        try perform(.multiWebhookDelete(ExactString(name)), key: key)
    }

    @discardableResult
    func setCustomerWebhook(_ text: String, key: String = "key") throws(Failure) -> String {
        try send(text, key, .customerWebhookSet)
    }

    @discardableResult
    func setWABAWebhook(_ text: String, key: String = "key") throws(Failure) -> String {
        try send(text, key, .wabaWebhookSet)
    }

    func shown(key: String = "key") throws(Failure) -> String { try perform(.multiWebhookGet, key: key) }
    func customerWebhook(key: String = "key") throws(Failure) -> String { try perform(.customerWebhookGet, key: key) }
    func wabaWebhook(key: String = "key") throws(Failure) -> String { try perform(.wabaWebhookGet, key: key) }

    private func send(_ text: String, _ key: String, _ kind: OperationKind) throws(Failure) -> String {
        try service.perform(Request(kind, text, validator, call), key: APIKey(key), call: call)
    }
}

private final class Moment: Sendable {
    private let milliseconds = Atomic<Int64>(1_000_000)
    var now: Int64 { milliseconds.load(ordering: .relaxed) }
    func advance(_ duration: Int64) { milliseconds.add(duration, ordering: .relaxed) }
}

/// `{"name", "url", "headers"}` as answers show it.
func destination(_ name: String, headers: String = "{}") -> String {
    #"{"name":"\#(name)","url":"https://\#(name).example.com","headers":\#(headers)}"#
}

func document(_ destinations: String..., enabled: Bool = true) -> String {
    #"{"enabled":\#(enabled),"destinations":[\#(destinations.joined(separator: ","))]}"#
}

func list(_ destinations: String...) -> String { #"{"destinations":[\#(destinations.joined(separator: ","))]}"# }
