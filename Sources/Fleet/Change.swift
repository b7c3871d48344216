import JSON
import Support
import WebhookModel

/// What an action changes of one member, as a report may say it: never a header's value, URLs without what they lose.
package struct Change: Sendable {
    enum Content: Sendable {
        case url(before: ExactString?, after: ExactString?)
        case headers(before: Headers, after: Headers)
        case enabled(before: Bool, after: Bool)
    }

    let path: String
    let content: Content

    func json() throws(Failure) -> JSON {
        var members: [(String, JSON)] = [("path", try .string(path))]
        switch content {
        case .url(let before, let after):
            members.append(("before", try .url(before)))
            members.append(("after", try .url(after)))
            let lost = { (url: ExactString?) in
                url.map { (URLText($0.string).userinfo ?? "") + "@" + URLText($0.string).queryAndFragment } ?? ""
            }
            members.append(("query_changed", try .boolean(ExactString(lost(before)) != ExactString(lost(after)))))
        case .headers(let before, let after):
            let (before, after) = (before.sorted, after.sorted)
            let names = { (fields: [Headers.Field]) in Set(fields.map { $0.foldedName }) }
            let (old, new) = (names(before), names(after))
            let kept = Set(before)
            members.append(("added", try .texts(after.filter { !old.contains($0.foldedName) }.map { $0.name })))
            members.append(("removed", try .texts(before.filter { !new.contains($0.foldedName) }.map { $0.name })))
            let changed = after.filter { old.contains($0.foldedName) && !kept.contains($0) }
            members.append(("changed", try .texts(changed.map { $0.name })))
        case .enabled(let before, let after):
            members.append(("before", try .boolean(before)))
            members.append(("after", try .boolean(after)))
        }
        return try .object(members)
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
        JSONPointer.path("/multi_webhook/destinations", destination.string) + "/" + member
    }

    /// From one webhook to another; nil is none. Headers that were not shown are not compared.
    static func between(
        _ before: ShownWebhook?, _ after: Webhook?, url urlPath: String, headers headersPath: String
    ) -> [Change] {
        var changes: [Change] = []
        if before?.url != after?.url {
            changes.append(Change(path: urlPath, content: .url(before: before?.url, after: after?.url)))
        }
        if let old = before == nil ? Headers() : before?.headers {
            let new = after?.headers ?? Headers()
            if old != new { changes.append(Change(path: headersPath, content: .headers(before: old, after: new))) }
        }
        return changes
    }

    static func between(_ before: Destination?, _ after: Destination?) -> [Change] {
        guard let name = after?.name ?? before?.name else { return [] }
        let shown = before.map { ShownWebhook(url: $0.webhook.url, headers: $0.webhook.headers) }
        return between(shown, after?.webhook, url: path(name, "url"), headers: path(name, "headers"))
    }
}

extension JSON {
    /// A URL as reports show it.
    static func url(_ url: ExactString?) throws(Failure) -> JSON {
        guard let url else { return try .null() }
        return try .string(Redaction.url(url.string))
    }

    static func optional<Value>(_ value: Value?, _ json: (Value) throws(Failure) -> JSON) throws(Failure) -> JSON {
        guard let value else { return try .null() }
        return try json(value)
    }

    static func texts(_ texts: [String]) throws(Failure) -> JSON {
        var elements: [JSON] = []
        for text in texts { elements.append(try .string(text)) }
        return try .array(elements)
    }
}
