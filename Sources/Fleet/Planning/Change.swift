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

    let path: String
    let content: Content
}

extension Change {
    static let customerURL = "/customer_webhook/url"
    static let customerHeaders = "/customer_webhook/headers"
    static let wabaURL = "/waba_webhook/url"
    static let wabaHeaders = "/waba_webhook/headers"
    static let enabled = "/multi_webhook/enabled"

    /// A destination's name is one segment.
    static func path(_ destination: ExactString, _ member: String) -> String {
        JSONPointer.path("/multi_webhook/destinations", destination.string) + "/" + member
    }

    static func url(_ path: String, from before: ExactString?, to after: ExactString?) throws(Failure) -> [Change] {
        if let before, let after, try before.isSameURL(as: after) { return [] }
        return before == nil && after == nil ? [] : [Change(path: path, content: .url(before: before, after: after))]
    }

    static func headers(_ path: String, from before: Headers?, to after: Headers?) -> [Change] {
        let (before, after) = (before ?? Headers(), after ?? Headers())
        return before == after ? [] : [Change(path: path, content: .headers(before: before, after: after))]
    }

    static func destination(
        _ name: ExactString, from before: DestinationReading?, to after: Webhook?
    ) throws(Failure) -> [Change] {
        try url(path(name, "url"), from: before?.url, to: after?.url)
            + headers(path(name, "headers"), from: before?.headers, to: after?.headers)
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("path", path)
            switch content {
            case .url(let before, let after):
                writer.member("before", url: before)
                writer.member("after", url: after)
                writer.member("query_changed", Self.hiddenPart(before) != Self.hiddenPart(after))
            case .headers(let before, let after):
                let old = Set(before.fields.map { $0.foldedName })
                let new = Set(after.fields.map { $0.foldedName })
                let kept = Set(before.fields)
                let added = after.sorted.filter { !old.contains($0.foldedName) }
                let removed = before.sorted.filter { !new.contains($0.foldedName) }
                let changed = after.sorted.filter { old.contains($0.foldedName) && !kept.contains($0) }
                writer.member("added", added.map { $0.name })
                writer.member("removed", removed.map { $0.name })
                writer.member("changed", changed.map { $0.name })
            case .enabled(let before, let after):
                writer.member("before", before)
                writer.member("after", after)
            }
        }
    }

    /// The parts of a URL that reports do not show.
    private static func hiddenPart(_ url: ExactString?) -> ExactString {
        guard let url, !URLText.isRedacted(url.string) else { return "" }
        let text = URLText(url.string)
        return ExactString((text.userinfo ?? "") + text.queryAndFragment)
    }
}
