import CCrypto
import CD360Webhook
import Glibc
import WebhookModel

@_cdecl("d360_signature_sign") @implementation
public func d360_signature_sign(
    _ secret: UnsafePointer<CChar>?, _ body: UnsafeRawPointer?, _ length: Int, _ signature: TextOut?
) -> d360_status {
    signature?.pointee = nil
    do throws(Failure) {
        let signature = try required(signature, "signature")
        let digest = try digest(secret, body, length)
        guard store(hexadecimal(digest), at: signature) else { throw .outOfMemory }
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
        let given = try required(signature, "signature")
        let digest = try digest(secret, body, length)
        guard let claimed = bytes(ofSignature: given), claimed.count == digest.count,
            CRYPTO_memcmp(claimed, digest, digest.count) == 0
        else { return d360_status(D360_SIGNATURE_MISMATCH) }
        return d360_status(D360_OK)
    } catch {
        return error.status.rawValue
    }
}

/// HMAC-SHA256, 32 bytes.
private func digest(
    _ secret: UnsafePointer<CChar>?, _ body: UnsafeRawPointer?, _ length: Int
) throws(Failure) -> [UInt8] {
    let secret = try required(secret, "secret")
    let secretLength = Int32(exactly: try text(secret, "secret").utf8.count) ?? 0
    guard secretLength > 0 else { throw Failure(.invalidArgument, "secret is empty") }
    guard length >= 0 else { throw Failure(.invalidArgument, "length is too large") }
    if body == nil && length > 0 { throw Failure(.invalidArgument, "body is NULL") }
    // HMAC takes NULL for "no data given", not for an empty body.
    let empty: [UInt8] = [0]
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    var size: UInt32 = 0
    let isDone = empty.withUnsafeBytes { nothing in
        HMAC(
            EVP_sha256(), secret, secretLength, (body ?? nothing.baseAddress)?.assumingMemoryBound(to: UInt8.self), length,
            &digest, &size)
    }
    guard isDone != nil, Int(size) == digest.count else { throw .outOfMemory }
    return digest
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".unicodeScalars)
    var text = ""
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] where Int(digit) < digits.count {
            text.unicodeScalars.append(digits[Int(digit)])
        }
    }
    return text
}

/// Nil for what is no hexadecimal text. Stops after the first 71 characters: more is no signature.
private func bytes(ofSignature text: UnsafePointer<CChar>) -> [UInt8]? {
    let prefix = "sha256="
    let most = prefix.utf8.count + 2 * Int(SHA256_DIGEST_LENGTH)
    let length = strnlen(text, most + 1)
    guard length <= most else { return nil }
    let all = UnsafeRawBufferPointer(start: text, count: length)
    let digits = all.starts(with: prefix.utf8) ? all.dropFirst(prefix.utf8.count) : all[...]
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in digits {
        let digit: UInt8
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character & 15
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): digit = (character & 15) + 9
        default: return nil
        }
        if let half = high {
            bytes.append(half << 4 | digit)
            high = nil
        } else {
            high = digit
        }
    }
    return high == nil ? bytes : nil
}
