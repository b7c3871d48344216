/// RFC 6901: it names a member of a request.
package enum JSONPointer {
    /// `path` with one more segment, escaped.
    package static func path(_ path: String, _ member: String) -> String {
        let isPlain = member.utf8.allSatisfy { $0 != UInt8(ascii: "~") && $0 != UInt8(ascii: "/") }
        if isPlain { return "\(path)/\(member)" }
        var segment = ""
        for scalar in member.unicodeScalars {
            switch scalar {
            case "~": segment += "~0"
            case "/": segment += "~1"
            default: segment.unicodeScalars.append(scalar)
            }
        }
        return "\(path)/\(segment)"
    }

    package static func path(_ path: String, _ index: Int) -> String { "\(path)/\(index)" }
}

extension JSON {
    /// True if a pointer leads to a value in here.
    package func holds(_ pointer: String) -> Bool {
        if pointer.isEmpty { return true }
        let segments = pointer.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard segments.first?.isEmpty == true else { return false }
        var value = self
        for segment in segments.dropFirst() {
            let escaped = String(decoding: segment, as: UTF8.self)
            let next = value.members.first { JSONPointer.path("", $0.name).utf8.dropFirst().elementsEqual(escaped.utf8) }?.value
            guard let next = next ?? Int(escaped).flatMap({ value.element($0) }) else { return false }
            value = next
        }
        return true
    }
}
