import CD360Webhook
import Glibc
import WebhookModel

// What every export is made of: pointers are checked by name, text is copied in and out, every failure becomes a status and
// an error document. No export does this by itself.

/// Where a caller wants text stored.
public typealias TextOut = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

/// Runs `body`, which changes nothing, stores its text or the error document at `response`, and returns the status.
func answer(into response: TextOut?, _ body: () throws(Failure) -> String) -> d360_status {
    answer(into: response) { () throws(Failure) -> Told in Told(try body()) }
}

/// The same for what may have changed something.
func answer(into response: TextOut?, _ body: () throws(Failure) -> Told) -> d360_status {
    do throws(Failure) {
        let told = try body()
        guard store(told.text, at: response) else {
            return refuse(.outOfMemory.with { $0.outcome = told.outcome }, into: response)
        }
        return d360_status(D360_OK)
    } catch {
        return refuse(error, into: response)
    }
}

/// Stores the error document at `response`, NULL where there is no memory for it.
func refuse(_ failure: Failure, into response: TextOut?) -> d360_status {
    let document = try? failure.document()
    if document.map({ store($0, at: response) }) != true { response?.pointee = nil }
    return failure.status.rawValue
}

/// False: no memory. Nothing is allocated where the caller does not want the text.
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

/// An argument that may not be NULL.
func required<Pointee>(_ pointer: Pointee?, _ argument: StaticString) throws(Failure) -> Pointee {
    guard let pointer else { throw Failure(.invalidArgument, "\(argument) is NULL") }
    return pointer
}

/// Copies a caller's text, so nothing borrowed outlives the call.
func text(
    _ pointer: UnsafePointer<CChar>, _ argument: StaticString, else bad: Status = .invalidArgument
) throws(Failure) -> String {
    guard let text = String(validatingCString: pointer) else { throw Failure(bad, "\(argument) is not UTF-8") }
    return text
}

/// Options or nil.
func options(_ pointer: UnsafePointer<CChar>?) throws(Failure) -> String? {
    guard let pointer else { return nil }
    return try text(pointer, "options_json", else: .malformedJSON)
}
