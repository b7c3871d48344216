import Crypto
import Support
import WebhookModel

/// SHA-256 of an API key: all that a storage ever sees of one.
package struct KeyDigest: Sendable, Equatable {
    package static let byteCount = SHA256.byteCount

    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    package init(_ key: APIKey) throws(Failure) {
        let isDone = withUnsafeMutableBytes(of: &words) { digest in SHA256.digest(of: key.text, into: digest) }
        guard isDone else { throw .outOfMemory }
    }

    /// A digest that no known key has.
    static let unmatchable = KeyDigest()

    private init() {}

    /// As it was stored; nil if it is no digest.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.byteCount else { return nil }
        withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: bytes) }
    }

    /// The first 8 bytes as a number, for tables that number their rows: one search instead of two.
    package var prefix: Int64 { Int64(bitPattern: UInt64(bigEndian: words.0)) }

    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeBytes(of: words, body)
    }

    package static func == (one: KeyDigest, other: KeyDigest) -> Bool { one.words == other.words }
}
