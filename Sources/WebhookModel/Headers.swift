/// Headers that the service sends along to a webhook, in the order they were given. Values may be credentials.
public struct Headers: Sendable {
    public var fields: [(name: String, value: ExactText)] = []

    public init() {}

    public func json() throws(Failure) -> JSON {
        var members: [(String, JSON)] = []
        for field in fields { members.append((field.name, try .string(field.value.string))) }
        return try .object(members)
    }
}

/// Names are the same without regard to case, values byte by byte; their order does not count.
extension Headers {
    public func isSame(as other: Headers) -> Bool { isExactly(other) || Set(folded) == Set(other.folded) }

    /// Name by name in the same order, as most are that are the same.
    public func isExactly(_ other: Headers) -> Bool {
        fields.elementsEqual(other.fields) { ExactText($0.name) == ExactText($1.name) && $0.value == $1.value }
    }

    /// By name in lower case, in the order of these names.
    public var folded: [Field] {
        fields.map { field in
            Field(
                name: field.name, folded: String(decoding: field.name.utf8.map(asciiLowercase), as: UTF8.self), value: field.value
            )
        }.sorted { $0.folded < $1.folded }
    }

    public struct Field: Hashable, Sendable {
        /// As it was given.
        public let name: String
        public let folded: String
        public let value: ExactText

        public static func == (one: Field, other: Field) -> Bool { one.folded == other.folded && one.value == other.value }

        public func hash(into hasher: inout Hasher) {
            hasher.combine(folded)
            hasher.combine(value)
        }
    }

    /// As an answer shows them; what is not a string is no header.
    public init(shown json: JSON) {
        self.init()
        for (name, value) in json.members {
            if let text = value.string { fields.append((name, ExactText(text))) }
        }
    }
}

/// Prints names only: a value may be a credential.
extension Headers: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String { fields.map { "\($0.name): ***" }.joined(separator: ", ") }
    public var debugDescription: String { description }
}

extension Judge {
    /// *Ours*, all three.
    static let maximumHeaders = 50
    static let maximumHeaderBytes = 8_192
    /// They belong to the connection, not to the message.
    static let reservedHeaders = [
        "host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer",
    ]

    public func headers(_ json: JSON, at path: String) throws(Failure) -> Headers {
        var headers = Headers()
        guard json.kind == .object else {
            try refuse(.documented, "headers must be an object", at: path)
            return headers
        }
        var seen: Set<String> = []
        var bytes = 0
        for (name, value) in json.members {
            let place = JSONPointer.path(path, name)
            let folded = String(decoding: name.utf8.map(asciiLowercase), as: UTF8.self)
            if !Self.isToken(name) {
                try refuse(.safety, "a header's name must be a token of RFC 9110: letters, digits and !#$%&'*+-.^_`|~", at: place)
            } else if Self.reservedHeaders.contains(folded) {
                try refuse(.ours, "header \(quoted(name)) is the connection's and cannot be set", at: place)
            }
            if !seen.insert(folded).inserted {
                try refuse(.ours, "header \(quoted(name)) is there twice; upper and lower case are the same", at: place)
            }
            guard let text = value.string else {
                try refuse(.documented, "the value of header \(quoted(name)) must be a string", at: place)
                continue
            }
            if text.unicodeScalars.contains(where: { $0.isControl }) {
                try refuse(.safety, "the value of header \(quoted(name)) holds a control character", at: place)
            }
            bytes += name.utf8.count + text.utf8.count
            headers.fields.append((name, ExactText(text)))
        }
        if headers.fields.count > Self.maximumHeaders {
            try refuse(.ours, "more than \(Self.maximumHeaders) headers", at: path)
        }
        if bytes > Self.maximumHeaderBytes {
            try refuse(.ours, "headers are longer than \(Self.maximumHeaderBytes) bytes, names and values together", at: path)
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

extension Unicode.Scalar {
    /// General category Cc: U+0000 to U+001F, U+007F to U+009F.
    var isControl: Bool { value < 0x20 || (value >= 0x7F && value <= 0x9F) }
}
