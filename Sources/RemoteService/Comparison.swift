import JSON
import Support

/// Whether a reading shows what was asked for. Members we do not know are compared where the reading has them too.
extension JSON {
    /// A destination or webhook: `asked` as in a request, self as in an answer. Headers left out mean none; where the
    /// answer does not show headers at all, they count only if `headersAreShown`.
    func shows(_ asked: JSON, headersAreShown: Bool) -> Bool {
        guard isSame("name", as: asked), isSame("url", as: asked) else { return false }
        for (name, value) in asked.members where !["name", "url", "headers", "override_all"].contains(name) {
            if let shown = member(name), !shown.equals(value) { return false }
        }
        guard let shown = self["headers"] else { return !headersAreShown || asked["headers"]?.members.isEmpty ?? true }
        return shown.hasSameHeaders(as: asked["headers"])
    }

    private func isSame(_ member: StaticString, as asked: JSON) -> Bool {
        guard let wanted = asked[member] else { return true }
        return self[member].map { $0.equals(wanted) } ?? false
    }

    /// Names without regard to case, values byte by byte.
    func hasSameHeaders(as other: JSON?) -> Bool { Self.fields(self) == Self.fields(other) }

    private static func fields(_ headers: JSON?) -> [ExactString: ExactString] {
        var fields: [ExactString: ExactString] = [:]
        for (name, value) in headers?.members ?? [] {
            fields[ExactString(String(decoding: name.utf8.map(asciiLowercase), as: UTF8.self))] = ExactString(value.string ?? "")
        }
        return fields
    }
}
