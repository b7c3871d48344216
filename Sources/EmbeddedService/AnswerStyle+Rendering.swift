import JSON
import Support
import WebhookModel

/// Makes the answers of readings from what is stored. The storage holds the same for every style.
extension AnswerStyle {
    static let nothing = "{}"

    func multiWebhook(_ stored: String?) throws(Failure) -> String {
        switch self {
        case .specification, .notFound: return stored ?? MultiWebhook.defaultDocument
        case .observed: return try MultiWebhook(document: stored).observed()
        }
    }

    func customerWebhook(_ stored: CustomerWebhook?) -> String {
        switch self {
        case .specification, .notFound: return stored?.answer ?? Self.nothing
        case .observed:
            guard let stored else { return #"{"url":null,"headers":null}"# }
            return #"\#(stored.answer.dropLast()),"headers":\#(stored.headers == Self.nothing ? "null" : stored.headers)}"#
        }
    }

    /// `{"url"?, "headers"?, "waba_id", "numbers_on_this_waba"}`
    func wabaWebhook(_ stored: WABAWebhook, _ call: Call) throws(Failure) -> String {
        let numbers = try jsonArray(stored.numbers, call) { number throws(Failure) in try .string(number) }
        let rest = #""waba_id":\#(stored.wabaID),"numbers_on_this_waba":\#(numbers)}"#
        switch self {
        case .specification, .notFound:
            guard let document = stored.document else { return "{" + rest }
            return "\(document.dropLast()),\(rest)"
        case .observed:
            guard let document = stored.document else { return #"{"url":null,"headers":null,"# + rest }
            return "\(document.withoutEmptyHeaders.dropLast()),\(rest)"
        }
    }
}

extension MultiWebhook {
    /// The document with null for empty lists and headers.
    fileprivate func observed() -> String {
        guard !entries.isEmpty else { return #"{"enabled":\#(enabled),"destinations":null}"# }
        return document { $0.text.withoutEmptyHeaders }
    }
}

extension String {
    /// A stored object, which ends in its member `headers`, with null if those are empty. No string can end like that: its
    /// quote would come before the bracket.
    fileprivate var withoutEmptyHeaders: String {
        let empty = "{}}"
        return utf8.suffix(empty.utf8.count).elementsEqual(empty.utf8) ? dropLast(empty.utf8.count) + "null}" : self
    }
}
