import JSON
import Support
import WebhookModel

/// What is wrong with a number, what that means for its events, and what to do.
package struct Finding: Sendable {
    package enum Severity: String, Sendable { case error, warning, info }

    package enum Code: String, Sendable, CaseIterable {
        case noRoute = "no_route"
        case customerWebhookMissing = "customer_webhook_missing"
        case customerWebhookMismatch = "customer_webhook_mismatch"
        case wabaWebhookMissing = "waba_webhook_missing"
        case wabaWebhookMismatch = "waba_webhook_mismatch"
        case wabaWebhookShadowed = "waba_webhook_shadowed"
        case multiWebhookDisabled = "multi_webhook_disabled"
        case multiWebhookEnabled = "multi_webhook_enabled"
        case destinationMissing = "destination_missing"
        case destinationMismatch = "destination_mismatch"
        case destinationUnexpected = "destination_unexpected"
        case wrongWABA = "wrong_waba"
        case numberNotOnWABA = "number_not_on_waba"
        case numberUnmanaged = "number_unmanaged"
        case headersUnverifiable = "headers_unverifiable"
        case urlPolicy = "url_policy"
        case probeFailed = "probe_failed"
        case unauthorized
        case stalePlan = "stale_plan"

        package var severity: Severity {
            switch self {
            case .multiWebhookEnabled, .destinationUnexpected, .numberUnmanaged: .warning
            case .headersUnverifiable: .info
            default: .error
            }
        }
    }

    /// What was expected, and what is there.
    enum Value: Sendable {
        case none
        case url(ExactString?)
        case text(String)
        case texts([String])
        case integer(Int64)
        case boolean(Bool)

        func json() throws(Failure) -> JSON {
            switch self {
            case .none: try .null()
            case .url(let url): try .url(url)
            case .text(let text): try .string(text)
            case .texts(let texts): try .texts(texts)
            case .integer(let number): try .integer(number)
            case .boolean(let truth): try .boolean(truth)
            }
        }
    }

    package let code: Code
    package let path: String
    let message: String
    let expected: Value
    let actual: Value

    init(_ code: Code, _ message: String, path: String = "", expected: Value = .none, actual: Value = .none) {
        self.code = code
        self.message = message
        self.path = path
        self.expected = expected
        self.actual = actual
    }

    func json() throws(Failure) -> JSON {
        try .object([
            ("code", .string(code.rawValue)), ("severity", .string(code.severity.rawValue)), ("message", .string(message)),
            ("path", .string(path)), ("expected", expected.json()), ("actual", actual.json()),
        ])
    }
}
