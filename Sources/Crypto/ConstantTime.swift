import CCrypto

/// Compares secrets; the time does not tell where they differ. Their lengths may be told.
package func isEqualInConstantTime(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    one.count == other.count && CRYPTO_memcmp(one, other, one.count) == 0
}
