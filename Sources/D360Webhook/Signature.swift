import CD360Webhook
import Crypto
import Glibc
import Support
import WebhookModel

@_cdecl("d360_signature_sign") @implementation
public func d360_signature_sign(
    _ secret: UnsafePointer<CChar>?, _ body: UnsafeRawPointer?, _ length: Int, _ signature: TextOut?
) -> d360_status {
    signature?.pointee = nil
    do throws(Failure) {
        let signature = try nonNull(signature, "signature")
        let digest = try digest(secret, body, length)
        guard store(Hexadecimal.encode(digest), at: signature) else { throw .outOfMemory }
        return d360_status(D360_OK)
    } catch {
        return error.status.rawValue
    }
}

@_cdecl("d360_signature_verify") @implementation
public func d360_signature_verify(
    _ secret: UnsafePointer<CChar>?, _ body: UnsafeRawPointer?, _ length: Int, _ signature: UnsafePointer<CChar>?
) -> d360_status {
    do throws(Failure) {
        let given = try nonNull(signature, "signature")
        let digest = try digest(secret, body, length)
        guard let claimed = bytes(ofSignature: given), isEqualInConstantTime(claimed, digest) else {
            return d360_status(D360_SIGNATURE_MISMATCH)
        }
        return d360_status(D360_OK)
    } catch {
        return error.status.rawValue
    }
}

private func digest(
    _ secret: UnsafePointer<CChar>?, _ body: UnsafeRawPointer?, _ length: Int
) throws(Failure) -> [UInt8] {
    let secret = try nonNull(secret, "secret")
    guard try !text(secret, "secret").isEmpty else { throw Failure(.invalidArgument, "secret is empty") }
    guard length >= 0 else { throw Failure(.invalidArgument, "length is too large") }
    if body == nil && length > 0 { throw Failure(.invalidArgument, "body is NULL") }
    return try HMACSHA256.digest(
        UnsafeRawBufferPointer(start: body, count: length), under: UnsafeRawBufferPointer(start: secret, count: strlen(secret)))
}

/// The bytes of a signature, with or without "sha256=" before them; nil if the text is not hexadecimal. A longer text than a
/// signature can have is not read.
private func bytes(ofSignature text: UnsafePointer<CChar>) -> [UInt8]? {
    let prefix = "sha256="
    let maximum = prefix.utf8.count + 2 * HMACSHA256.byteCount
    let length = strnlen(text, maximum + 1)
    guard length <= maximum else { return nil }
    let all = UnsafeRawBufferPointer(start: text, count: length)
    return Hexadecimal.decode(all.starts(with: prefix.utf8) ? all.dropFirst(prefix.utf8.count) : all[...])
}
