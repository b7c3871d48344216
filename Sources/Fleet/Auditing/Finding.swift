import Support
import WebhookModel

/// One thing that is wrong with a number. The message says what that means for its events, and what to do.
package struct Finding: Sendable {
    package enum Severity: String, Sendable { case error, warning, info }

    /// The act that removes a finding.
    package enum Remedy: String, Sendable { case apply, plan, probe, edit }

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
        case headersCleared = "headers_cleared"
        case headerName = "header_name"
        case urlPolicy = "url_policy"
        case probeFailed = "probe_failed"
        case unauthorized
        case stalePlan = "stale_plan"

        package var severity: Severity {
            switch self {
            case .multiWebhookEnabled, .destinationUnexpected, .numberUnmanaged, .headersCleared, .headerName: .warning
            case .headersUnverifiable: .info
            default: .error
            }
        }
    }

    /// A thing that was expected or is there.
    enum Value: Sendable {
        case none
        case url(ExactString?)
        case text(String)
        case texts([String])
        case integer(Int64)
        case boolean(Bool)

        static func names(_ headers: Headers) -> Value { .texts(headers.sorted.map { $0.name }) }
    }

    package let code: Code
    package let path: String
    let message: String
    let expected: Value
    let actual: Value
    package let remedy: Remedy?

    init(
        _ code: Code, _ message: String, _ remedy: Remedy?, path: String = "", expected: Value = .none, actual: Value = .none
    ) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.path = path
        self.expected = expected
        self.actual = actual
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("code", code.rawValue)
            writer.member("severity", code.severity.rawValue)
            writer.member("message", message)
            writer.member("path", path)
            writer.member("expected", expected)
            writer.member("actual", actual)
            if let remedy { writer.member("remedy", remedy.rawValue) } else { writer.null("remedy") }
        }
    }
}
