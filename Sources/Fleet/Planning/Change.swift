import JSON
import Support
import WebhookModel

/// One member that an action changes, as a report may say it: URLs redacted, names of headers and never a value.
package struct Change: Sendable {
    enum Content: Sendable {
        case url(before: ExactString?, after: ExactString?)
        case headers(before: Headers, after: Headers)
        case enabled(before: Bool, after: Bool)
    }

    /// Nil if it is a member of another section.
    private let destination: ExactString?
    private let member: String
    private let content: Content

    init(_ member: String, of destination: ExactString? = nil, _ content: Content) {
        self.member = member
        self.destination = destination
        self.content = content
    }
}

extension Change {
    static let customerURL = "/customer_webhook/url"
    static let customerHeaders = "/customer_webhook/headers"
    static let wabaURL = "/waba_webhook/url"
    static let wabaHeaders = "/waba_webhook/headers"
    static let enabled = "/multi_webhook/enabled"

    /// A destination's name is one segment.
    static func path(_ destination: ExactString, _ member: String) -> String {
        var path = ""
        path.reserveCapacity(64)
        path += JSONPointer.path("/multi_webhook/destinations", destination.string)
        path += "/"
        path += member
        return path
    }

    static func url(
        _ member: String, of destination: ExactString? = nil, from before: ExactString?, to after: ExactString?
    ) throws(Failure) -> [Change] {
        if let before, let after, try before.isSameURL(as: after) { return [] }
        return before == nil && after == nil ? [] : [Change(member, of: destination, .url(before: before, after: after))]
    }

    static func headers(
        _ member: String, of destination: ExactString? = nil, from before: Headers?, to after: Headers?
    ) -> [Change] {
        let (before, after) = (before ?? Headers(), after ?? Headers())
        return before == after ? [] : [Change(member, of: destination, .headers(before: before, after: after))]
    }

    static func destination(
        _ name: ExactString, from before: DestinationReading?, to after: Webhook?
    ) throws(Failure) -> [Change] {
        try url("url", of: name, from: before?.url, to: after?.url)
            + headers("headers", of: name, from: before?.headers, to: after?.headers)
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("path", destination.map { Self.path($0, member) } ?? member)
            switch content {
            case .url(let before, let after):
                writer.member("before", url: before)
                writer.member("after", url: after)
                writer.member("query_changed", Self.hiddenPart(before) != Self.hiddenPart(after))
            case .headers(let before, let after):
                let names = Self.names(before.sorted, after.sorted)
                writer.member("added", names.added)
                writer.member("removed", names.removed)
                writer.member("changed", names.changed)
            case .enabled(let before, let after):
                writer.member("before", before)
                writer.member("after", after)
            }
        }
    }

    /// Both lists are sorted by folded name.
    private static func names(
        _ before: [Headers.Field], _ after: [Headers.Field]
    ) -> (added: [String], removed: [String], changed: [String]) {
        var (added, removed, changed): ([String], [String], [String]) = ([], [], [])
        var old = before[...]
        for field in after {
            while let one = old.first, one.foldedName < field.foldedName {
                removed.append(one.name)
                old.removeFirst()
            }
            guard let one = old.first, one.foldedName == field.foldedName else {
                added.append(field.name)
                continue
            }
            if one != field { changed.append(field.name) }
            old.removeFirst()
        }
        return (added, removed + old.map { $0.name }, changed)
    }

    /// The parts of a URL that reports do not show.
    private static func hiddenPart(_ url: ExactString?) -> ExactString {
        guard let url, !URLText.isRedacted(url.string) else { return "" }
        let text = URLText(url.string)
        return ExactString((text.userinfo ?? "") + text.queryAndFragment)
    }
}
