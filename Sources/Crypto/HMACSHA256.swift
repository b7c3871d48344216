import CCrypto
import Support
import Synchronization

/// RFC 2104 with SHA-256.
package enum HMACSHA256 {
    package static let byteCount = 32

    /// The digest, 32 bytes. libcrypto must find memory.
    package static func digest(
        _ body: UnsafeRawBufferPointer, under secret: UnsafeRawBufferPointer
    ) throws(Failure) -> [UInt8] {
        guard let template = template(), let context = EVP_MAC_CTX_dup(template) else { throw .outOfMemory }
        defer { EVP_MAC_CTX_free(context) }
        let empty: StaticString = ""  // NULL would mean "keep the key"
        let key = secret.baseAddress ?? UnsafeRawPointer(empty.utf8Start)
        var digest = [UInt8](repeating: 0, count: byteCount)
        var size = 0
        guard EVP_MAC_init(context, key.assumingMemoryBound(to: UInt8.self), secret.count, nil) == 1,
            EVP_MAC_update(context, body.baseAddress?.assumingMemoryBound(to: UInt8.self), body.count) == 1,
            EVP_MAC_final(context, &digest, &size, digest.count) == 1, size == byteCount
        else { throw .outOfMemory }
        return digest
    }

    /// The same in lowercase hexadecimal.
    package static func hexadecimal(_ body: [UInt8], under secret: String) throws(Failure) -> String {
        var secret = secret
        let digest = secret.withUTF8 { secret in
            body.withUnsafeBytes { body -> Result<[UInt8], Failure> in
                do throws(Failure) { return .success(try Self.digest(body, under: UnsafeRawBufferPointer(secret))) } catch {
                    return .failure(error)
                }
            }
        }
        return Hexadecimal.encode(try digest.get())
    }

    /// The template's address.
    private static let kept = Atomic<UInt>(0)

    /// Made by the first call that finds memory; never freed, never changed.
    private static func template() -> OpaquePointer? {
        if let template = OpaquePointer(bitPattern: kept.load(ordering: .acquiring)) { return template }
        guard let made = d360_hmac_sha256_template() else { return nil }
        let (exchanged, original) = kept.compareExchange(
            expected: 0, desired: UInt(bitPattern: made), ordering: .acquiringAndReleasing)
        guard !exchanged else { return made }
        EVP_MAC_CTX_free(made)
        return OpaquePointer(bitPattern: original)
    }
}
