import Glibc

/// Text that is equal only byte by byte. `String ==` takes "é" and "e\u{301}" for one; names, URLs and header values are two.
public struct ExactText: Hashable, Sendable, ExpressibleByStringLiteral {
    public let string: String

    public init(_ string: String) { self.string = string }
    public init(stringLiteral literal: String) { string = literal }

    public static func == (one: ExactText, other: ExactText) -> Bool {
        one.string.utf8.count == other.string.utf8.count
            && one.withBytes { one in
                other.withBytes { other in
                    guard let left = one.baseAddress, let right = other.baseAddress else { return one.count == other.count }
                    return one.count == other.count && memcmp(left, right, one.count) == 0
                }
            }
    }

    public func hash(into hasher: inout Hasher) {
        withBytes { hasher.combine(bytes: $0) }
        hasher.combine(UInt8(0xFF))  // no text holds it: where one ends, another begins
    }

    private func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var text = string
        return text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}
