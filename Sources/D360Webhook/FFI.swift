import CD360Webhook
import Glibc
import JSON
import Support
import WebhookModel

// Every export checks its pointers by name, copies text in and out, and turns a failure into a status and an error document.
// All of that is here; no export does it by itself.

/// A place where a caller wants text to be stored.
public typealias TextOut = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

/// Runs one call of a client: stores its text, or the error document, at `response` and returns the status. The call counts as
/// begun before anything is copied, so a cancel that comes from now on ends it. `name` is for the client's log.
func call(
    _ name: String, _ client: OpaquePointer?, into response: TextOut?,
    _ body: (ClientSession, Call) throws(Failure) -> CallResult
) -> d360_status {
    respond(into: response) { () throws(Failure) in
        let session = ClientSession.of(try nonNull(client, "client"))
        return try session.call { call throws(Failure) in
            let started = Clock.monotonic
            do throws(Failure) {
                let result = try body(session, call)
                call.log.write(.info, "\(name) → D360_OK in \((Clock.monotonic - started).milliseconds) ms")
                return result
            } catch {
                let time = (Clock.monotonic - started).milliseconds
                call.log.write(.error, "\(name) → \(error.status.name) in \(time) ms: \(error.message)")
                throw error
            }
        }
    }
}

/// Runs `body` and stores its text, or the error document, at `response`.
func respond(into response: TextOut?, _ body: () throws(Failure) -> CallResult) -> d360_status {
    do throws(Failure) {
        let result = try body()
        guard store(result.text, at: response) else {
            return fail(.outOfMemory.with { $0.outcome = result.outcome }, into: response)
        }
        return d360_status(D360_OK)
    } catch {
        return fail(error, into: response)
    }
}

/// Stores the error document at `response`, or NULL if there is no memory for it.
func fail(_ failure: Failure, into response: TextOut?) -> d360_status {
    let document = try? failure.document()
    if document.map({ store($0, at: response) }) != true { response?.pointee = nil }
    return failure.status.rawValue
}

/// Copies `text` for the caller; false if memory is short. Nothing is allocated if the caller does not want the text.
func store(_ text: String, at response: TextOut?) -> Bool {
    guard let response else { return true }
    var text = text
    response.pointee = text.withUTF8 { bytes in
        guard let copy = malloc(bytes.count + 1) else { return nil }
        let characters = UnsafeMutableRawBufferPointer(start: copy, count: bytes.count + 1)
        characters.copyMemory(from: UnsafeRawBufferPointer(bytes))
        characters.storeBytes(of: 0, toByteOffset: bytes.count, as: UInt8.self)
        return copy.assumingMemoryBound(to: CChar.self)
    }
    return response.pointee != nil
}

/// An argument that must not be NULL.
func nonNull<Pointee>(_ pointer: Pointee?, _ argument: StaticString) throws(Failure) -> Pointee {
    guard let pointer else { throw Failure(.invalidArgument, "\(argument) is NULL") }
    return pointer
}

/// Copies a caller's text, so nothing borrowed outlives the call. A text over `limit` bytes is rejected before it is copied.
func text(
    _ pointer: UnsafePointer<CChar>, _ argument: StaticString, limit: Int = 64 << 20, notUTF8: Status = .invalidArgument
) throws(Failure) -> String {
    let length = strnlen(pointer, limit + 1)
    guard length <= limit else { throw Failure(.invalidArgument, "\(argument) must have at most \(limit >> 20) MiB") }
    return try text(pointer, length: length, argument, notUTF8)
}

/// The same for JSON. A text over `limit` bytes is rejected before it is copied. A cancel of `call` ends the copying of a long one.
func jsonText(
    _ pointer: UnsafePointer<CChar>, _ argument: StaticString, named subject: String = "the request",
    limit: Int = JSON.maximumBytes, tooLong: Status = .invalidRequest, _ call: Call? = nil
) throws(Failure) -> String {
    let length = strnlen(pointer, limit + 1)
    guard length <= limit else {
        throw Failure(tooLong, "\(subject) must have at most \(limit >> 20) MiB", path: "")
    }
    guard let call, length > pieceBytes else { return try text(pointer, length: length, argument, .malformedJSON) }
    return try longText(pointer, length: length, argument, call)
}

private let pieceBytes = 1 << 20

/// Copies piece by piece. Swift repairs what is not UTF-8, so a copy that differs was not.
private func longText(
    _ pointer: UnsafePointer<CChar>, length: Int, _ argument: StaticString, _ call: Call
) throws(Failure) -> String {
    var text = String(unsafeUninitializedCapacity: length) { copy in
        guard let base = copy.baseAddress else { return 0 }
        for start in stride(from: 0, to: length, by: pieceBytes) {
            if call.isCancelled { return 0 }
            memcpy(base + start, pointer + start, min(pieceBytes, length - start))
        }
        return length
    }
    try call.check()
    let isEqual = text.withUTF8 { copy in
        copy.count == length && copy.baseAddress.map { memcmp($0, pointer, length) } == 0
    }
    guard isEqual else { throw Failure(.malformedJSON, "\(argument) is not UTF-8") }
    return text
}

private func text(
    _ pointer: UnsafePointer<CChar>, length: Int, _ argument: StaticString, _ notUTF8: Status
) throws(Failure) -> String {
    let text = pointer.withMemoryRebound(to: UInt8.self, capacity: length) {
        String(validating: UnsafeBufferPointer(start: $0, count: length), as: UTF8.self)
    }
    guard let text else { throw Failure(notUTF8, "\(argument) is not UTF-8") }
    return text
}

/// Options, or nil.
func options(_ pointer: UnsafePointer<CChar>?, limit: Int = JSON.maximumBytes, _ call: Call? = nil) throws(Failure) -> String? {
    guard let pointer else { return nil }
    return try jsonText(pointer, "options_json", named: "options_json", limit: limit, tooLong: .invalidArgument, call)
}
