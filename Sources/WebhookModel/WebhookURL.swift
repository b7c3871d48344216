import JSON
import Support

extension RequestValidator {
    /// Bytes that a webhook's URL may have: a decision of this library.
    static let maximumURLBytes = 2_048
    /// RFC 1035, 2.3.4.
    static let maximumLabelBytes = 63
    static let maximumHostBytes = 253

    package func url(_ json: JSON, at path: String) throws(Failure) -> ExactString {
        let text = try string(json, at: path)
        if json.kind == .string { try url(text, at: path) }
        return ExactString(text)
    }

    /// Checks a webhook's URL. libcurl's URL API decides what a URL is.
    package func url(_ text: String, at path: String) throws(Failure) {
        if PlainURL.matches(text) { return }
        if text.utf8.count > Self.maximumURLBytes {
            try reject(.ours, "url must have at most \(Self.maximumURLBytes) bytes", at: path)
        }
        guard policy != .none else { return }
        let schemes = policy == .cloud ? ["https://"] : ["https://", "http://"]
        let hasScheme = schemes.contains { URLText.begins(text, with: $0) }
        if !hasScheme {
            try reject(.documented, "url must begin with \(policy == .cloud ? "https://" : "https:// or http://")", at: path)
        }
        if hasScheme, let scalar = text.unicodeScalars.first(where: { $0.isInvisible }) {
            return try reject(.safety, "url must not contain the invisible character \(scalar.codePoint)", at: path)
        }
        guard let parts = try URLParts(text) else {
            if hasScheme { try reject(.safety, "url is not a valid URL", at: path) }
            return
        }
        if parts.hasUserinfo { try reject(.safety, "url must not contain a user name or password", at: path) }
        if parts.hasFragment { try reject(.safety, "url must not contain a fragment", at: path) }
        if parts.host.utf8.first != UInt8(ascii: "[") { try checkHost(parts, at: path) }
        if policy == .cloud { try checkCloudHost(parts, at: path) }
    }

    /// Rules of host names, which hold under every policy.
    private func checkHost(_ parts: URLParts, at path: String) throws(Failure) {
        if let scalar = parts.host.unicodeScalars.first(where: { $0.isFullwidth }) {
            try reject(.safety, "url must not contain the fullwidth character \(scalar.codePoint) in its host", at: path)
        }
        if parts.host.utf8.count > Self.maximumHostBytes {
            try reject(.safety, "the host of url must have at most \(Self.maximumHostBytes) bytes", at: path)
        }
        for label in parts.labels {
            // Under `cloud` the rule of a name with a dot covers an empty label.
            if label.count > Self.maximumLabelBytes || (label.isEmpty && policy != .cloud) {
                try reject(.safety, "each label of the host must have 1 to \(Self.maximumLabelBytes) bytes", at: path)
            }
            if label.first == UInt8(ascii: "-") || label.last == UInt8(ascii: "-") {
                try reject(.safety, "a label of the host must not begin or end with a hyphen", at: path)
            }
            if !Punycode.isValidLabel(label) {
                try reject(.safety, "a label of the host begins with xn-- and is not Punycode", at: path)
            }
        }
    }

    private func checkCloudHost(_ parts: URLParts, at path: String) throws(Failure) {
        if parts.hasPort { try reject(.documented, "url must not contain a port", at: path) }
        if parts.host.utf8.contains(UInt8(ascii: "_")) {
            try reject(.documented, "the host of url must not contain an underscore", at: path)
        }
        if parts.hostIsAddress {
            try reject(.safety, "url must have a host name, not an IP address", at: path)
        } else if !parts.hostHasDot {
            try reject(.safety, "the host of url must be a name with a dot", at: path)
        }
    }
}

extension Unicode.Scalar {
    /// Blanks, controls, format characters and others that nobody sees in a URL.
    fileprivate var isInvisible: Bool { value < 0x7F ? value <= 0x20 : Self.invisible.contains { $0.contains(value) } }

    /// Unicode 15's general categories Cc, Cf, Zs, Zl and Zp, and what is ignorable by default. The standard library's tables of
    /// these would add 200 KB to the library.
    private static let invisible: [ClosedRange<UInt32>] = [
        0x00...0x20, 0x7F...0xA0, 0xAD...0xAD, 0x034F...0x034F, 0x0600...0x0605, 0x061C...0x061C, 0x06DD...0x06DD,
        0x070F...0x070F, 0x0890...0x0891, 0x08E2...0x08E2, 0x115F...0x1160, 0x1680...0x1680, 0x17B4...0x17B5,
        0x180B...0x180F, 0x2000...0x200F, 0x2028...0x202F, 0x205F...0x206F, 0x3000...0x3000, 0x3164...0x3164,
        0xFE00...0xFE0F, 0xFEFF...0xFEFF, 0xFFA0...0xFFA0, 0xFFF0...0xFFFB, 0x110BD...0x110BD, 0x110CD...0x110CD,
        0x13430...0x1343F, 0x1BCA0...0x1BCA3, 0x1D173...0x1D17A, 0xE0000...0xE0FFF,
    ]

    /// Letters, digits and dots that a resolver may map to ASCII.
    fileprivate var isFullwidth: Bool { (0xFF01...0xFF5E).contains(value) || value == 0x3002 || value == 0xFF61 }

    /// As in "U+200B".
    fileprivate var codePoint: String {
        let digits = String(value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }
}
