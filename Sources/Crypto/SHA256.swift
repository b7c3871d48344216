import CCrypto

/// FIPS 180-4.
package enum SHA256 {
    package static let byteCount = 32

    /// Writes the digest of `text` into `digest`, which has 32 bytes; false if memory is short.
    package static func digest(of text: String, into digest: UnsafeMutableRawBufferPointer) -> Bool {
        guard digest.count == byteCount else { return false }
        var text = text
        return text.withUTF8 { bytes in
            EVP_Digest(
                bytes.baseAddress, bytes.count, digest.baseAddress?.assumingMemoryBound(to: UInt8.self), nil,
                algorithm ?? EVP_sha256(), nil) == 1
        }
    }

    /// Fetched by the first call, as a fetch costs several times what a digest does. Never freed, never changed.
    private nonisolated(unsafe) static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)
}
