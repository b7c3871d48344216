import Support

/// Options that hold for a remote service and all of its clients.
package struct RemoteOptions: Sendable, Equatable {
    package var caFile: String?
    package var proxy: String?
    package var userAgent: String?
    package var allowInsecureHTTP = false

    package init() {}
}

/// Options that hold for an embedded service and all of its clients.
package struct EmbeddedOptions: Sendable, Equatable {
    package var maxDestinations = 3
    /// How long a WABA webhook takes to apply.
    package var applyDelay = Duration.zero
    /// How long a change of the destinations takes to show in readings.
    package var multiApplyDelay = Duration.zero
    package var answers = AnswerStyle.specification

    package init() {}
}

/// How the embedded service's readings look.
package enum AnswerStyle: String, Sendable {
    /// As documented: members that are not set are left out.
    case specification
    /// As the sandbox was seen to answer: null for a URL that is not set and for empty headers and destinations, and the
    /// customer webhook's headers shown.
    case observed
    /// Over HTTP, 404 for a customer webhook that is not set.
    case notFound = "not_found"
}
