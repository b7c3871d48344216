import JSON
import Support
import WebhookModel

/// A reading after a write.
enum ReadBack {
    case shown(Evidence, Reading)
    case failed(after: Duration?, isTransient: Bool)
}

extension Session {
    /// A quarter of the time: so much is kept for reading back, and one reading takes no longer.
    var readingLimit: Duration { max(.milliseconds(1), call.settings.timeout / 4) }

    func readBriefly(_ setting: OperationKind.Setting) throws(Failure) -> ReadResult {
        try until(call.deadline.orEarlier(in: readingLimit)).readOnce(setting)
    }

    /// One reading after the write that `request` asks for.
    func readBack(_ request: Request) throws(Failure) -> ReadBack {
        guard !call.deadline.hasPassed else { return .failed(after: nil, isTransient: false) }
        switch try readBriefly(request.operation.kind.setting) {
        case .missing(let failure):
            call.log.write(.warning, "reading back failed: \(failure.message)")
            return .failed(after: nil, isTransient: false)
        case .failed(let failure, let isTransient):
            call.log.write(.warning, "reading back failed: \(failure.message)")
            return .failed(after: failure.retryAfter, isTransient: isTransient)
        case .shown(let shown):
            let evidence = try request.operation.evidence(in: shown.reading)
            return .shown(evidence == .shows && request.hasUnknownMembers ? .cannotTell : evidence, shown.reading)
        }
    }

    /// Readings until one proves the write, which returns its answer, or the time is up; and the first that succeeded. `last` is
    /// the reading before, and becomes the last one.
    @inline(never)  // three copies of it would be 18 KB
    func keepReadingBack(
        _ request: Request, _ last: inout ReadBack?, acceptingUndecided: Bool
    ) throws(Failure) -> (answer: String?, first: Reading?) {
        var first: Reading?
        var backoff = Backoff(initial: .milliseconds(50), maximum: .seconds(2))
        while true {
            var after = Duration.zero
            if case .shown(_, let reading) = last, first == nil { first = reading }
            switch last {
            case .shown(.shows, let reading): return (request.answer(from: reading), first)
            case .shown(.cannotTell, _): return (acceptingUndecided ? request.answer(from: nil) : nil, first)
            case .failed(_, isTransient: false): return (nil, first)
            case .failed(let wait, isTransient: true): after = wait ?? .zero
            case .shown(.contradicts, _), .shown(.lacks, _), nil: break
            }
            guard !call.deadline.hasPassed else { return (nil, first) }
            if last != nil { try call.pause(min(max(backoff.next(), after), call.deadline.remaining)) }
            last = try readBack(request)
        }
    }
}

extension Request {
    /// False if no reading can show all that was asked for: what `override_all` takes from other numbers, and members that this
    /// library does not know.
    var canBeShown: Bool {
        if case .wabaWebhookSet(_, overrideAll: true) = operation { return false }
        return !hasUnknownMembers
    }

    /// The answer of a write that a reading settled, in the documented shape.
    func answer(from reading: Reading?) -> String {
        switch (operation, reading) {
        case (.multiWebhookDelete, _): return VendorMessages.destinationDeleted
        case (.wabaWebhookSet, .wabaWebhook(let shown)):
            return shown.wabaID.map { VendorMessages.webhookWillBeSet(wabaID: $0) } ?? VendorMessages.operationStarted
        case (.customerWebhookSet(let webhook), _):
            return (try? JSON.object([("url", .string(webhook.url.string))]).text()) ?? "{}"
        default: return VendorMessages.operationStarted
        }
    }
}
