/// A caller's own word as messages repeat it: in quotes and on one line.
public func quoted(_ text: String) -> String { "'\(text.onOneLine)'" }

extension String {
    /// With a blank in place of each control character.
    public var onOneLine: String {
        guard unicodeScalars.contains(where: { $0.isControl }) else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0.isControl ? " " : $0 }))
    }
}
