/// A caller's own word as messages repeat it: in quotes and on one line.
package func quoted(_ text: String) -> String { "'\(text.sanitized)'" }

extension String {
    /// The same text with a blank in place of each control character.
    package var sanitized: String {
        guard unicodeScalars.contains(where: { $0.isControl }) else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0.isControl ? " " : $0 }))
    }

    /// The same text with A to Z in lower case and nothing else changed, as names of headers and schemes are compared.
    package var asciiLowercased: String {
        var text = self
        return text.withUTF8 { bytes in
            String(unsafeUninitializedCapacity: bytes.count) { lowercase in
                for (index, byte) in bytes.enumerated() { lowercase[index] = asciiLowercase(byte) }
                return bytes.count
            }
        }
    }
}

package func asciiLowercase(_ byte: UInt8) -> UInt8 { byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte }

extension Unicode.Scalar {
    /// General category Cc: U+0000 to U+001F, U+007F to U+009F.
    package var isControl: Bool { value < 0x20 || (value >= 0x7F && value <= 0x9F) }
}
