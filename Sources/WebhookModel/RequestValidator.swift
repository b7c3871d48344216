import JSON
import Support

/// Checks requests against the rules. It throws at the first broken rule, or collects all of them.
package final class RequestValidator {
    /// The origin of a rule decides who enforces it.
    package enum Rule: Sendable {
        /// The vendor documents the rule.
        case documented
        /// The library's own, enforced before anything is sent: anything else would not be safe to send.
        case safety
        /// The embedded service's own; a remote service decides for itself.
        case ours
    }

    package enum Scope: Sendable { case remote, embedded }

    package struct Problem: Sendable {
        package let path: String
        package let message: String
        package let rule: Rule

        package init(path: String, message: String, rule: Rule) {
            self.path = path
            self.message = message
            self.rule = rule
        }
    }

    package let policy: URLPolicy
    private let scope: Scope
    private let collects: Bool
    package private(set) var problems: [Problem] = []
    /// A body had members that this library does not know; a remote service may know them.
    package private(set) var hasSeenUnknownMembers = false

    package init(scope: Scope, policy: URLPolicy, collects: Bool = false) {
        self.scope = scope
        self.policy = policy
        self.collects = collects
    }

    package func reject(_ rule: Rule, _ message: String, at path: String, as status: Status = .invalidRequest) throws(Failure) {
        if collects {
            problems.append(Problem(path: path, message: message, rule: rule))
        } else if scope == .embedded || rule != .ours {
            throw Failure(status, message, path: path)
        }
    }

    /// Walks the members of an object in the order of the document. A missing member is blamed on the object.
    package func members(
        of json: JSON, at path: String, required: [String], optional: [String] = [],
        _ member: (_ name: String, _ value: JSON, _ path: String) throws(Failure) -> Void
    ) throws(Failure) {
        guard json.kind == .object else {
            return try reject(.documented, "\(Self.subject(path)) must be an object", at: path)
        }
        let members = json.members
        for (name, value) in members {
            let place = JSONPointer.path(path, name)
            if required.contains(name) || optional.contains(name) {
                try member(name, value, place)
            } else {
                hasSeenUnknownMembers = true
                try reject(.ours, "unknown member \(quoted(name))", at: place)
            }
        }
        for name in required where !members.contains(where: { $0.name == name }) {
            try reject(.documented, "\(name) is missing", at: path)
        }
    }

    package func string(_ json: JSON, at path: String) throws(Failure) -> String {
        if let string = json.string { return string }
        try reject(.documented, "\(Self.subject(path)) must be a string", at: path)
        return ""
    }

    package func boolean(_ json: JSON, at path: String) throws(Failure) -> Bool {
        if let boolean = json.boolean { return boolean }
        try reject(.documented, "\(Self.subject(path)) must be true or false", at: path)
        return false
    }

    /// The member that a path ends in, as messages name it.
    package static func subject(_ path: String) -> String {
        guard let last = path.utf8.split(separator: UInt8(ascii: "/")).last else { return "the request" }
        let name = String(decoding: last, as: UTF8.self)
        return name.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } ? "element \(name)" : name
    }
}
