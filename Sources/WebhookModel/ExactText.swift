/// Text that is equal only byte by byte. `String ==` takes "é" and "e\u{301}" for one; names, URLs and header values are two.
public struct ExactText: Hashable, Sendable, ExpressibleByStringLiteral {
    public let string: String

    public init(_ string: String) { self.string = string }
    public init(stringLiteral literal: String) { string = literal }

    public static func == (one: ExactText, other: ExactText) -> Bool { one.string.utf8.elementsEqual(other.string.utf8) }

    public func hash(into hasher: inout Hasher) {
        for byte in string.utf8 { hasher.combine(byte) }
    }
}
