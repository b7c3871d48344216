/// RFC 6901: which member of a request is meant.
public enum JSONPointer {
    /// `path` with one more segment, escaped.
    public static func path(_ path: String, _ member: String) -> String {
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

    public static func path(_ path: String, _ index: Int) -> String { "\(path)/\(index)" }
}
