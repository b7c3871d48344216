import Support

/// Finds what answers a request's method and target.
struct Router: Sendable {
    enum Route {
        case found(Endpoint, parameter: String)
        case rejected(HTTPResponse)
    }

    private let fixed: [String: Resource]
    private let parametrized: [Resource]

    init(_ resources: [Resource]) {
        fixed = Dictionary(uniqueKeysWithValues: resources.filter { !$0.takesParameter }.map { ($0.path, $0) })
        parametrized = resources.filter(\.takesParameter)
    }

    /// `target` has no query any more.
    func route(_ method: String, _ target: String) -> Route {
        guard let (resource, parameter) = find(target) else {
            return .rejected(HTTPResponse(Failure(.notFound, "unknown path")))
        }
        if let endpoint = resource.endpoint(for: method) { return .found(endpoint, parameter: parameter) }
        var response = HTTPResponse(Failure(.invalidRequest, "method not allowed").with { $0.answerStatus = 405 })
        response.headers.append(("Allow", resource.allow))
        return .rejected(response)
    }

    /// The parameter is "" if the resource takes none.
    private func find(_ target: String) -> (Resource, parameter: String)? {
        if let resource = fixed[target] { return (resource, "") }
        // The path is split before it is decoded: an encoded slash belongs to its segment.
        var segments: [String] = []
        for segment in Self.path(of: target).utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            // Nothing here has a name that is not UTF-8.
            guard let text = String(segment), let decoded = PercentEncoding.decode(text) else { return nil }
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

    /// Of an absolute-form target, RFC 9112, 3.2.2, the part after the host.
    private static func path(of target: String) -> String {
        guard URLText.begins(target, with: "http://") || URLText.begins(target, with: "https://"),
            let scheme = target.utf8.firstIndex(of: UInt8(ascii: "/"))
        else { return target }
        let authority = target.utf8[scheme...].dropFirst(2)
        let start = authority.firstIndex(of: UInt8(ascii: "/")) ?? authority.endIndex
        return String(target[start...])
    }

    private static func holdsSlash(_ segment: String) -> Bool { segment.utf8.contains(UInt8(ascii: "/")) }
}
