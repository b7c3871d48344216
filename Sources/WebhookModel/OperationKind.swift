import JSON
import Support

/// The nine operations of the API. Exports, routes, paths and actions of fleets are made from this table.
package enum OperationKind: String, CaseIterable, Sendable {
    case multiWebhookGet = "multi_webhook_get"
    case multiWebhookSet = "multi_webhook_set"
    case multiWebhookAppend = "multi_webhook_append"
    case multiWebhookUpdate = "multi_webhook_update"
    case multiWebhookDelete = "multi_webhook_delete"
    case customerWebhookGet = "customer_webhook_get"
    case customerWebhookSet = "customer_webhook_set"
    case wabaWebhookGet = "waba_webhook_get"
    case wabaWebhookSet = "waba_webhook_set"

    package enum Method: String, Sendable { case get = "GET", post = "POST", put = "PUT", patch = "PATCH", delete = "DELETE" }

    /// A part of the configuration; each has one path and one reading.
    package enum Setting: String, CaseIterable, Sendable {
        case multiWebhook = "multi_webhook"
        case customerWebhook = "customer_webhook"
        case wabaWebhook = "waba_webhook"

        /// Below the base URL. The daemon serves these paths.
        package var path: String {
            switch self {
            case .multiWebhook: "/multi_webhook"
            case .customerWebhook: "/v1/configs/webhook"
            case .wabaWebhook: "/waba_webhook"
            }
        }

        /// The operation that reads it.
        package var reading: OperationKind {
            switch self {
            case .multiWebhook: .multiWebhookGet
            case .customerWebhook: .customerWebhookGet
            case .wabaWebhook: .wabaWebhookGet
            }
        }
    }

    /// The name in C, without `d360_`.
    package var name: String { rawValue }

    package var method: Method {
        switch self {
        case .multiWebhookGet, .customerWebhookGet, .wabaWebhookGet: .get
        case .multiWebhookSet, .customerWebhookSet, .wabaWebhookSet: .post
        case .multiWebhookAppend: .put
        case .multiWebhookUpdate: .patch
        case .multiWebhookDelete: .delete
        }
    }

    package var setting: Setting {
        switch self {
        case .multiWebhookGet, .multiWebhookSet, .multiWebhookAppend, .multiWebhookUpdate, .multiWebhookDelete: .multiWebhook
        case .customerWebhookGet, .customerWebhookSet: .customerWebhook
        case .wabaWebhookGet, .wabaWebhookSet: .wabaWebhook
        }
    }

    package var isReading: Bool { method == .get }

    /// A destination's name is one more segment of its path.
    package var takesDestinationName: Bool { self == .multiWebhookDelete }

    package var takesBody: Bool { !isReading && !takesDestinationName }

    /// The operation that a body asks for; `validator` throws what is wrong with it, or collects it.
    package func decode(_ body: JSON, _ validator: RequestValidator) throws(Failure) -> Operation {
        switch self {
        case .multiWebhookSet: try validator.multiWebhookSet(body)
        case .multiWebhookAppend: try validator.multiWebhookAppend(body)
        case .multiWebhookUpdate: .multiWebhookUpdate(try validator.destinationChange(body))
        case .customerWebhookSet: .customerWebhookSet(try validator.webhook(body))
        case .wabaWebhookSet: try validator.wabaWebhookSet(body)
        case .multiWebhookGet, .multiWebhookDelete, .customerWebhookGet, .wabaWebhookGet: throw .fault("\(name) takes no body")
        }
    }
}
