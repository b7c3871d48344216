import JSON
import Support

/// Headers that the service sends along to a webhook, in the order they were given. Values may be credentials.
///
/// Two are equal if they have the same values, byte by byte, under the same names without regard to case. Order does not count.
package struct Headers: Sendable, Hashable {
    package struct Field: Sendable, Hashable {
        package let name: String
        package let value: ExactString
        /// The name in lower case, as names are compared.
        package let foldedName: String

        package init(_ name: String, _ value: ExactString) {
            self.name = name
            self.value = value
            foldedName = name.asciiLowercased
        }

        package static func == (one: Field, other: Field) -> Bool {
            one.value == other.value && one.foldedName == other.foldedName
        }

        package func hash(into hasher: inout Hasher) {
            hasher.combine(foldedName)
            hasher.combine(value)
        }
    }

    package var fields: [Field] = []

    package init() {}

    package init(_ fields: [Field]) { self.fields = fields }

    package var isEmpty: Bool { fields.isEmpty }

    /// The fields in the order of their names in lower case.
    package var sorted: [Field] { fields.count < 2 ? fields : fields.sorted { $0.foldedName < $1.foldedName } }

    package static func == (one: Headers, other: Headers) -> Bool {
        // Most headers that are equal have the same order.
        one.fields.count == other.fields.count && (one.fields == other.fields || one.sorted == other.sorted)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(sorted) }

    package func json() throws(Failure) -> JSON {
        var members: [(String, JSON)] = []
        for field in fields { members.append((field.name, try .string(field.value.string))) }
        return try .object(members)
    }
}

/// Prints names only: a value may be a credential.
extension Headers: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { fields.map { $0.description }.joined(separator: ", ") }
    package var debugDescription: String { description }
}

extension Headers.Field: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "\(name): ***" }
    package var debugDescription: String { description }
}

extension RequestValidator {
    /// The limits and the reserved names are decisions of this library, not documented rules.
    static let maximumHeaders = 50
    static let maximumHeaderBytes = 8_192
    /// These belong to the connection, not to the message.
    static let reservedHeaders = [
        "host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer",
    ]

    package func headers(_ json: JSON, at path: String) throws(Failure) -> Headers {
        var headers = Headers()
        guard json.kind == .object else {
            try reject(.documented, "headers must be an object", at: path)
            return headers
        }
        var seen: Set<String> = []
        var bytes = 0
        for (name, value) in json.members {
            let place = JSONPointer.path(path, name)
            let folded = name.asciiLowercased
            if !Self.isToken(name) {
                try reject(
                    .safety, "the name of a header must be a token (RFC 9110): letters, digits and !#$%&'*+-.^_`|~", at: place)
            } else if Self.reservedHeaders.contains(folded) {
                try reject(.ours, "header \(quoted(name)) is reserved", at: place)
            }
            if !seen.insert(folded).inserted {
                try reject(.ours, "duplicate header \(quoted(name)) (names are case-insensitive)", at: place)
            }
            guard let text = value.string else {
                try reject(.documented, "the value of header \(quoted(name)) must be a string", at: place)
                continue
            }
            if text.unicodeScalars.contains(where: { $0.isControl }) {
                try reject(.safety, "the value of header \(quoted(name)) must not contain a control character", at: place)
            }
            bytes += name.utf8.count + text.utf8.count
            headers.fields.append(Headers.Field(name, ExactString(text)))
        }
        if headers.fields.count > Self.maximumHeaders {
            try reject(.ours, "headers must have at most \(Self.maximumHeaders) members", at: path)
        }
        if bytes > Self.maximumHeaderBytes {
            try reject(.ours, "names and values of headers must have at most \(Self.maximumHeaderBytes) bytes together", at: path)
        }
        return headers
    }

    /// RFC 9110, 5.6.2.
    private static func isToken(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}
