import Support

/// The place of a service URL's database.
package enum DatabaseLocation: Sendable, Equatable {
    case memory
    /// A path, taken literally.
    case file(String)

    /// Reads `sqlite:PATH` and `sqlite::memory:`; nil if the URL has another scheme. Forms that mean something else in other
    /// programs are rejected, with the right form in the message.
    package init?(serviceURL: String) throws(Failure) {
        let scheme = "sqlite:"
        guard serviceURL.utf8.starts(with: scheme.utf8) else { return nil }
        let path = String(decoding: serviceURL.utf8.dropFirst(scheme.utf8.count), as: UTF8.self)
        guard !path.isEmpty else { throw Self.rejected("the service URL has no path", "sqlite:/PATH") }
        if path == ":memory:" {
            self = .memory
            return
        }
        if path.utf8.indices.contains(where: { path.utf8[$0...].starts(with: ":memory:".utf8) }) {
            throw Self.rejected("the database in memory has no path", "sqlite::memory:")
        }
        if path.utf8.starts(with: "//".utf8) && !path.utf8.starts(with: "///".utf8) {
            let name = String(decoding: path.utf8.dropFirst(2), as: UTF8.self)
            throw Self.rejected("a sqlite: URL has no host", "sqlite:\(name) or sqlite:/\(name)")
        }
        if let question = path.utf8.firstIndex(of: UInt8(ascii: "?")), path.utf8[question...].contains(UInt8(ascii: "=")) {
            throw Self.rejected("a sqlite: URL has no options", "sqlite:\(path[..<question])")
        }
        self = .file(path)
    }

    private static func rejected(_ problem: String, _ form: String) -> Failure {
        Failure(.invalidArgument, "\(problem): write \(form.sanitized)")
    }
}
