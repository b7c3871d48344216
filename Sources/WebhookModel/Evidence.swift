import Support

/// A reading says one of these of a write.
package enum Evidence: Sendable {
    /// The reading shows all that was asked for.
    case shows
    /// The reading shows that something asked for is not there; it may show later.
    case lacks
    /// A name that was asked for has another content: another writer took it.
    case contradicts
    /// All that the reading shows agrees, but it does not show all that was asked for.
    case cannotTell

    /// Two parts of a reading say this together.
    fileprivate func and(_ other: Evidence) -> Evidence {
        switch self {
        case .lacks, .contradicts: self
        case .shows: other
        case .cannotTell: other == .shows ? .cannotTell : other
        }
    }
}

extension Operation {
    /// The one answer to "does this reading show that write?"; settling, waiting and fleets rest on it.
    package func evidence(in reading: Reading) throws(Failure) -> Evidence {
        switch (self, reading) {
        case (.multiWebhookSet(let enabled, let destinations), .multiWebhook(let shown)):
            guard shown.isOn == enabled else { return .lacks }
            let state: Evidence = shown.enabled == nil && destinations.isEmpty ? .cannotTell : .shows
            return state.and(try shown.evidence(of: destinations))
        case (.multiWebhookAppend(let destinations), .multiWebhook(let shown)):
            if shown.enabled == false { return .lacks }
            return try shown.evidence(of: destinations)
        case (.multiWebhookUpdate(let change), .multiWebhook(let shown)):
            guard shown.destinations != nil else { return .cannotTell }
            guard let destination = shown.destination(named: change.name) else { return .lacks }
            return try destination.evidence(url: change.url, headers: change.headers)
        case (.multiWebhookDelete(let name), .multiWebhook(let shown)):
            guard shown.destinations != nil else { return .cannotTell }
            return shown.destination(named: name) == nil ? .shows : .lacks
        case (.customerWebhookSet(let webhook), .customerWebhook(let shown)):
            return try webhook.evidence(url: shown.url, headers: shown.headers)
        case (.wabaWebhookSet(let webhook, let overrideAll), .wabaWebhook(let shown)):
            // No reading of this number shows what override_all takes from the others.
            let others: Evidence = overrideAll ? .cannotTell : .shows
            return try webhook.evidence(url: shown.url, headers: shown.headers).and(others)
        default: throw .fault("a reading of another setting was compared with \(kind.name)")
        }
    }
}

extension MultiWebhookReading {
    /// Evidence that all of `destinations` are there. Another content under one of the names outweighs the rest.
    fileprivate func evidence(of asked: [Destination]) throws(Failure) -> Evidence {
        guard let destinations else { return asked.isEmpty ? .shows : .cannotTell }
        var byName: [ExactString: DestinationReading] = [:]
        for destination in destinations { if let name = destination.name { byName[name] = destination } }
        var evidence = Evidence.shows
        for asked in asked {
            guard let shown = byName[asked.name] else {
                evidence = evidence.and(.lacks)
                continue
            }
            let one = try shown.evidence(url: asked.webhook.url, headers: asked.webhook.headers)
            if one == .lacks { return .contradicts }
            evidence = evidence.and(one)
        }
        return evidence
    }
}

extension DestinationReading {
    /// Members that were not asked for are nil and count as shown.
    fileprivate func evidence(url asked: ExactString?, headers: Headers?) throws(Failure) -> Evidence {
        var evidence = Evidence.shows
        if let asked {
            guard let url else { return .cannotTell }
            guard try url.isSameURL(as: asked) else { return .lacks }
        }
        if let headers { evidence = evidence.and(headers.evidence(in: self.headers)) }
        return evidence
    }
}

extension Webhook {
    /// Evidence that this webhook is set, by the URL and the headers that a reading shows. Headers that a write leaves out are
    /// cleared by it, so they count as asked for.
    package func evidence(url: ExactString?, headers shown: Headers?) throws(Failure) -> Evidence {
        guard let url, try url.isSameURL(as: self.url) else { return .lacks }
        return headers.evidence(in: shown)
    }
}

extension Headers {
    fileprivate func evidence(in shown: Headers?) -> Evidence {
        guard let shown else { return .cannotTell }
        return shown == self ? .shows : .lacks
    }
}
