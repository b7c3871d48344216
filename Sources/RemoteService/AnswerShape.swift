import JSON
import WebhookModel

extension JSON {
    /// What is not as documented, nil if nothing. Every member is optional, and more of them may be there.
    func flaw(asAnswerTo operation: Operation) -> String? {
        guard kind == .object else { return "it is not an object" }
        switch operation {
        case .multiWebhookGet:
            return wrong("enabled", .boolean) ?? wrong("destinations", .array) ?? wrongDestination()
        case .multiWebhookSet, .multiWebhookAppend, .multiWebhookUpdate, .multiWebhookDelete, .wabaWebhookSet:
            return wrong("message", .string)
        case .customerWebhookGet, .customerWebhookSet:
            return wrong("url", .string)
        case .wabaWebhookGet:
            return wrong("url", .string) ?? wrongHeaders() ?? wrong("waba_id", .integer)
                ?? wrong("numbers_on_this_waba", .array) ?? wrongNumber()
        }
    }

    private func wrong(_ member: StaticString, _ kind: Kind) -> String? {
        guard let value = self[member], value.kind != kind else { return nil }
        return "\(member) has the wrong type"
    }

    private func wrongHeaders() -> String? {
        guard let headers = self["headers"] else { return nil }
        guard headers.kind == .object else { return "headers has the wrong type" }
        return headers.allValues { $0.kind == .string } ? nil : "headers has a value that is not a string"
    }

    private func wrongDestination() -> String? {
        var flaw: String?
        _ = self["destinations"]?.allValues { destination in
            flaw =
                destination.kind == .object
                ? destination.wrong("name", .string) ?? destination.wrong("url", .string) ?? destination.wrongHeaders()
                : "it is not an object"
            return flaw == nil
        }
        return flaw.map { "of a destination, \($0)" }
    }

    private func wrongNumber() -> String? {
        let isText = self["numbers_on_this_waba"]?.allValues { $0.kind == .string } ?? true
        return isText ? nil : "numbers_on_this_waba has an element that is not a string"
    }
}
