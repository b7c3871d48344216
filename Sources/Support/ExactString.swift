import Glibc

/// Text that is equal only byte by byte. `String ==` takes "é" and "e\u{301}" for one; names, URLs and header values are two.
package struct ExactString: Hashable, Sendable, ExpressibleByStringLiteral {
    package let string: String

    package init(_ string: String) { self.string = string }
    package init(stringLiteral literal: String) { string = literal }

    package static func == (one: ExactString, other: ExactString) -> Bool {
        one.string.utf8.count == other.string.utf8.count
            && one.withBytes { one in
                other.withBytes { other in
                    guard let left = one.baseAddress, let right = other.baseAddress else { return one.count == other.count }
                    return one.count == other.count && memcmp(left, right, one.count) == 0
                }
            }
    }

    package func hash(into hasher: inout Hasher) {
        withBytes { hasher.combine(bytes: $0) }
        hasher.combine(UInt8(0xFF))  // no text holds it: where one ends, another begins
    }

    private func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var text = string
        return text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}
