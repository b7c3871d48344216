import Support
import WebhookModel

/// Finds what is served at a request's target.
struct Router: Sendable {
    private let fixed: [String: Resource]
    private let parametrized: [Resource]

    init(_ resources: [Resource]) {
        fixed = Dictionary(uniqueKeysWithValues: resources.filter { !$0.takesParameter }.map { ($0.path, $0) })
        parametrized = resources.filter(\.takesParameter)
    }

    /// The resource and its parameter, which is "" where it takes none. `target` has no query any more.
    func find(_ target: String) -> (Resource, parameter: String)? {
        if let resource = fixed[target] { return (resource, "") }
        let path = Self.path(of: target)
        // Taken apart first, decoded then: an encoded slash belongs to its segment.
        var segments: [String] = []
        for segment in path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let text = String(segment), let decoded = Self.decoded(text) else { return nil }
            segments.append(decoded)
        }
        if let resource = fixed[segments.joined(separator: "/")], !segments.contains(where: Self.holdsSlash) {
            return (resource, "")
        }
        let parameter = segments.removeLast()
        let rest = segments.joined(separator: "/") + "/"
        guard let resource = parametrized.first(where: { $0.path == rest }), !segments.contains(where: Self.holdsSlash) else {
            return nil
        }
        return (resource, parameter)
    }

    /// Of an absolute-form target, RFC 9112, 3.2.2, what is behind the host.
    private static func path(of target: String) -> String {
        guard URLText.begins(target, with: "http://") || URLText.begins(target, with: "https://"),
            let scheme = target.utf8.firstIndex(of: UInt8(ascii: "/"))
        else { return target }
        let authority = target.utf8[scheme...].dropFirst(2)
        let start = authority.firstIndex(of: UInt8(ascii: "/")) ?? authority.endIndex
        return String(target[start...])
    }

    private static func holdsSlash(_ segment: String) -> Bool { segment.utf8.contains(UInt8(ascii: "/")) }

    /// Nil where it is not UTF-8: nothing here has such a name.
    private static func decoded(_ segment: String) -> String? {
        PercentEncoding.decode(segment)
    }
}
