import WebhookModel

/// The document that is stored is the one that a reading answers.
extension MultiWebhook {
    /// What a reading answers where nothing was ever set.
    static let untouched = #"{"enabled":false,"destinations":[]}"#

    /// Reads a stored document; nil is one that was never written.
    public init(document: String?) throws(Failure) {
        self.init()
        guard let document else { return }
        let json = try JSON.answer(document)
        var destinations: [Destination] = []
        for element in json["destinations"]?.elements ?? [] { destinations.append(try Destination(stored: element)) }
        guard let enabled = json["enabled"]?.boolean else { throw .unreadable }
        self.init(enabled: enabled, destinations: destinations)
    }

    public func document() throws(Failure) -> String {
        var elements: [JSON] = []
        for destination in destinations { elements.append(try destination.json()) }
        return try JSON.object([("enabled", try .boolean(enabled)), ("destinations", try .array(elements))]).text()
    }
}

extension Destination {
    fileprivate init(stored json: JSON) throws(Failure) {
        guard let name = json["name"]?.string, let url = json["url"]?.string else { throw .unreadable }
        var headers = Headers()
        for (name, value) in json["headers"]?.members ?? [] {
            guard let text = value.string else { throw .unreadable }
            headers.fields.append((name, ExactText(text)))
        }
        self.init(name: ExactText(name), webhook: Webhook(url: ExactText(url), headers: headers))
    }
}

extension Failure {
    /// A document is not one that this service wrote.
    static let unreadable = Failure(
        .storageError, "the database holds a configuration that this library did not write; restore it from a backup")
}
