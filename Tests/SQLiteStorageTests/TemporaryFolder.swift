import CSQLite
import EmbeddedService
import Foundation
import JSON
import SQLiteStorage
import Support
import Testing
import WebhookModel

/// A folder of a test's own; gone with its last reference.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "sqlite-storage-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String = "webhooks.db") -> String { path + "/" + name }

    /// Every file with all of its bytes.
    func contents() throws -> [String: Data] {
        var contents: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: path) {
            contents[name] = try Data(contentsOf: URL(fileURLWithPath: file(name)))
        }
        return contents
    }

    func mode(_ name: String = "webhooks.db") throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: file(name))[.posixPermissions] as? Int)
    }
}

/// A connection of another program.
final class OtherProgram: @unchecked Sendable {
    private let handle: OpaquePointer

    init(_ path: String) throws {
        var opened: OpaquePointer?
        #expect(sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil) == SQLITE_OK)
        handle = try #require(opened)
    }

    deinit { sqlite3_close(handle) }

    func run(_ sql: String) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        #expect(code == SQLITE_OK, "\(sql): \(String(cString: sqlite3_errmsg(handle)))")
    }
}

/// An embedded service on a file.
struct FileService: Sendable {
    let service: EmbeddedService

    init(_ path: String, _ configure: (inout EmbeddedOptions) -> Void = { _ in }) throws(Failure) {
        var options = EmbeddedOptions()
        options.maxDestinations = 1_000
        configure(&options)
        service = EmbeddedService(try SQLiteStorage(.file(path)), options: options)
    }

    func register(_ id: String, waba: Int = 77) throws(Failure) {
        _ = try service.register(
            ChannelRegistration(#"{"phone_number_id":"\#(id)","waba_id":\#(waba),"api_key":"key\#(id)"}"#), call: Self.call())
    }

    @discardableResult
    func perform(_ operation: WebhookModel.Operation, _ id: String = "1", call: Call = call()) throws(Failure) -> String {
        try service.perform(Request(operation), key: APIKey("key\(id)"), call: call)
    }

    @discardableResult
    func append(_ names: String..., to id: String = "1", call: Call = call()) throws(Failure) -> String {
        try perform(.multiWebhookAppend(names.map(Self.destination)), id, call: call)
    }

    func enable(_ id: String = "1") throws(Failure) {
        try perform(.multiWebhookSet(enabled: true, destinations: []), id)
    }

    /// The names of the destinations that are shown.
    func names(_ id: String = "1") throws -> [String] {
        let shown = try JSON.answer(perform(.multiWebhookGet, id))
        return shown["destinations"]?.elements.compactMap { $0["name"]?.string } ?? []
    }

    /// Everything that can be read.
    func state(_ ids: [String]) throws(Failure) -> [String] {
        var state = [try service.listChannels(call: Self.call())]
        for id in ids {
            for operation in [WebhookModel.Operation.multiWebhookGet, .customerWebhookGet, .wabaWebhookGet] {
                do throws(Failure) { state.append(try perform(operation, id)) } catch {
                    guard error.status == .unauthorized else { throw error }
                    state.append("unauthorized")
                }
            }
        }
        return state
    }

    static func destination(_ name: String) -> Destination {
        Destination(name: ExactString(name), webhook: Webhook(url: "https://hooks.example.com"))
    }

    static func call(_ cancellation: Cancellation = Cancellation()) -> Call {
        Call(settings: CallSettings(), cancellation: cancellation.token, log: Log())
    }
}
