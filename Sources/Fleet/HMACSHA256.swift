import CCrypto

/// Lowercase hexadecimal digits; nil: no memory.
func hmacSHA256(_ bytes: [UInt8], under secret: String) -> String? {
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    var secret = secret
    let isDone = secret.withUTF8 { secret in
        // Without it, libcrypto looks everything up for each digest.
        guard let template = HMACSHA256.template else {
            var size: UInt32 = 0
            return HMAC(EVP_sha256(), secret.baseAddress, Int32(clamping: secret.count), bytes, bytes.count, &digest, &size)
                != nil
        }
        guard let context = EVP_MAC_CTX_dup(template) else { return false }
        defer { EVP_MAC_CTX_free(context) }
        var size = 0
        return EVP_MAC_init(context, secret.baseAddress, secret.count, nil) == 1
            && EVP_MAC_update(context, bytes, bytes.count) == 1
            && EVP_MAC_final(context, &digest, &size, digest.count) == 1
    }
    guard isDone else { return nil }
    return String(decoding: digest.flatMap { [hexadecimal($0 >> 4), hexadecimal($0 & 15)] }, as: UTF8.self)
}

private func hexadecimal(_ digit: UInt8) -> UInt8 { digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit }

private enum HMACSHA256 {
    /// Without a key, for copies. Made by the first call, as looking the algorithm up costs several times what a digest of a
    /// fleet's row does; nil for good where that found no memory. Never freed, never changed.
    nonisolated(unsafe) static let template: OpaquePointer? = {
        guard let algorithm = EVP_MAC_fetch(nil, OSSL_MAC_NAME_HMAC, nil) else { return nil }
        defer { EVP_MAC_free(algorithm) }
        guard let context = EVP_MAC_CTX_new(algorithm) else { return nil }
        var name = Array("SHA256".utf8CString)
        let isSet = name.withUnsafeMutableBufferPointer { name in
            EVP_MAC_CTX_set_params(
                context,
                [OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.baseAddress, 0), OSSL_PARAM_construct_end()])
        }
        guard isSet == 1 else {
            EVP_MAC_CTX_free(context)
            return nil
        }
        return context
    }()
}
