import CCrypto
import WebhookModel

/// SHA-256 of an API key: all that a storage ever sees of one.
public struct KeyDigest: Sendable, Equatable {
    public static let byteCount = 32

    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    public init(_ key: APIKey) throws(Failure) {
        // Without it, libcrypto fetches one for each digest.
        let algorithm = Self.algorithm ?? EVP_sha256()
        var text = key.text
        let done = withUnsafeMutableBytes(of: &words) { digest in
            text.withUTF8 { bytes in
                EVP_Digest(bytes.baseAddress, bytes.count, digest.baseAddress, nil, algorithm, nil)
            }
        }
        guard done == 1 else { throw .outOfMemory }
    }

    /// What no key has that anybody will ever find.
    static let nobodys = KeyDigest()

    private init() {}

    /// As it was stored; nil if it is no digest.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.byteCount else { return nil }
        withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: bytes) }
    }

    /// The first 8 bytes as a number, for tables whose rows are numbered: one search instead of two.
    public var prefix: Int64 { Int64(bitPattern: UInt64(bigEndian: words.0)) }

    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeBytes(of: words, body)
    }

    public static func == (one: KeyDigest, other: KeyDigest) -> Bool { one.words == other.words }

    /// Fetched by the first call, as a fetch costs several times what the digest does. Never freed, never changed.
    private nonisolated(unsafe) static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)
}
