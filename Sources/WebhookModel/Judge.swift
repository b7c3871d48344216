/// Holds requests to the rules: throws at the first that is broken, or collects all.
public final class Judge {
    /// Where a rule comes from, which says who enforces it.
    public enum Rule: Sendable {
        /// The vendor documents it.
        case documented
        /// Ours, and enforced before anything is sent: the rest would not be safe to send.
        case safety
        /// Ours: what the embedded service decides; a remote service judges for itself.
        case ours
    }

    public enum Scope: Sendable { case remote, embedded }

    public struct Problem: Sendable {
        public let path: String
        public let message: String
        public let rule: Rule

        public init(path: String, message: String, rule: Rule) {
            self.path = path
            self.message = message
            self.rule = rule
        }
    }

    public let policy: URLPolicy
    private let scope: Scope
    private let collects: Bool
    public private(set) var problems: [Problem] = []

    public init(scope: Scope, policy: URLPolicy, collects: Bool = false) {
        self.scope = scope
        self.policy = policy
        self.collects = collects
    }

    public func refuse(_ rule: Rule, _ message: String, at path: String, as status: Status = .invalidRequest) throws(Failure) {
        if collects {
            problems.append(Problem(path: path, message: message, rule: rule))
        } else if scope == .embedded || rule != .ours {
            throw Failure(status, message, path: path)
        }
    }

    /// Walks an object's members in the order of the document; what is missing is blamed on the object.
    public func members(
        of json: JSON, at path: String, required: [String], optional: [String] = [],
        _ member: (_ name: String, _ value: JSON, _ path: String) throws(Failure) -> Void
    ) throws(Failure) {
        guard json.kind == .object else {
            return try refuse(.documented, "\(Self.subject(path)) must be an object", at: path)
        }
        let members = json.members
        for (name, value) in members {
            let place = JSONPointer.path(path, name)
            if required.contains(name) || optional.contains(name) {
                try member(name, value, place)
            } else {
                try refuse(.ours, "\(quoted(name)) is not a member that is known here", at: place)
            }
        }
        for name in required where !members.contains(where: { $0.name == name }) {
            try refuse(.documented, "\(name) is missing", at: path)
        }
    }

    public func string(_ json: JSON, at path: String) throws(Failure) -> String {
        if let string = json.string { return string }
        try refuse(.documented, "\(Self.subject(path)) must be a string", at: path)
        return ""
    }

    public func boolean(_ json: JSON, at path: String) throws(Failure) -> Bool {
        if let boolean = json.boolean { return boolean }
        try refuse(.documented, "\(Self.subject(path)) must be true or false", at: path)
        return false
    }

    /// The member that a path ends in, as messages name it.
    public static func subject(_ path: String) -> String {
        guard let last = path.utf8.split(separator: UInt8(ascii: "/")).last else { return "the request" }
        let name = String(decoding: last, as: UTF8.self)
        return name.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } ? "element \(name)" : name
    }
}
