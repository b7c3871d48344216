import HTTPTransport
import JSON
import Support
import WebhookModel

/// One write, from its first sending until its outcome is known.
///
/// Once the first byte is sent, an answer that does not come, or a 5xx that says nothing, leaves open whether the write was
/// applied. All six writes are idempotent by their content, so such a write is settled: read back, wait, send again. "Operation
/// started" may show late: a reading without it proves nothing, a reading with it proves it. `State` lists the states; `step()`
/// decides which follows.
struct WriteOperation {
    private enum State {
        /// The request is sent next.
        case sending
        /// It was sent and not settled, and nothing was read since.
        case unsettled(SendResult)
        /// The same, and one reading followed.
        case readBack(ReadBack, after: SendResult)
        /// The service said that it is done, without the documented answer: readings go on until one shows it.
        case accepted(text: String?, Failure)
        case done(String)
    }

    /// How one sending ended that did not answer the call.
    private enum SendResult {
        /// Not sent, or the service did not do it: 408, 429, 503 with our status.
        case notDone(Failure)
        /// The answer was lost.
        case ambiguous(Failure)
        /// A repetition was refused as it is if the write before it was applied.
        case refusedAsRepetition(Failure)

        var failure: Failure {
            switch self {
            case .notDone(let failure), .ambiguous(let failure), .refusedAsRepetition(let failure): failure
            }
        }
    }

    /// What one reading said of the write.
    private enum ReadBack {
        case confirmed(answer: String)
        /// A name that was asked for has another content.
        case conflicting
        case absent(Reading)
        /// What the reading shows agrees, and it does not show all that was asked for.
        case undecided
        case failed(after: Duration?, isTransient: Bool)
    }

    private let request: Request
    private let session: Session
    private let call: Call
    /// A quarter of the time is kept for reading back.
    private let sendBy: Deadline
    private let readingLimit: Duration

    private var state = State.sending
    private var retry: Retry
    /// Why the last answer was lost; nil while every sending was answered.
    private var ambiguousFailure: Failure?
    /// Every lost answer was a complete 500 or 503: such a request is not still on its way.
    private var everyFailureWasComplete = true
    /// What the first reading since the last sending showed of the destinations.
    private var destinationsSince: MultiWebhookReading?

    init(_ request: Request, _ session: Session) {
        self.request = request
        self.session = session
        call = session.call
        readingLimit = max(.milliseconds(1), call.settings.timeout / 4)
        sendBy = call.deadline.earlier(by: readingLimit)
        retry = Retry(limit: call.settings.maxAttempts)
    }

    mutating func run() throws(Failure) -> String {
        do throws(Failure) {
            while true {
                if case .done(let text) = state { return text }
                state = try step()
            }
        } catch {
            throw error.with { $0.attempts = retry.attempts }
        }
    }

    private mutating func step() throws(Failure) -> State {
        switch state {
        case .sending: return try send()
        case .unsettled(let result):
            guard ambiguousFailure != nil else { return try sendAgain(after: result) }
            return .readBack(try readBack(), after: result)
        case .readBack(.confirmed(let answer), _): return .done(answer)
        case .readBack(.undecided, .refusedAsRepetition(let failure)) where failure.httpStatus == 404:
            return .done(answer(from: nil))  // a delete, and a reading without destinations
        case .readBack(.conflicting, .refusedAsRepetition(let failure)): throw ended(failure, .unknown)
        case .readBack(let reading, let result):
            // The refusal of a repetition says that one of the writes may have been applied.
            if case .refusedAsRepetition = result { everyFailureWasComplete = false }
            return try sendAgain(after: result, reading)
        case .accepted(let text, let failure):
            guard let shown = try keepReadingBack(acceptingUndecided: true) else { throw ended(failure, .unknown) }
            return .done(text ?? shown)
        case .done: return state
        }
    }

    // Sending

    private mutating func send() throws(Failure) -> State {
        retry.begin()
        destinationsSince = nil
        let outcome: HTTPOutcome
        do throws(Failure) {
            outcome = try session.until(sendBy).send(request, onNewConnection: retry.attempts > 1)
        } catch {
            throw ended(error, outcomeSoFar)
        }
        switch outcome {
        case .cancelled(let sent): throw ended(.cancelled, sent ? .unknown : outcomeSoFar)
        case .failed(let transfer, let sent):
            return .unsettled(sent ? lost(transfer.failure, isComplete: false) : .notDone(transfer.failure))
        case .response(let response):
            let meaning: ReplyMeaning
            do throws(Failure) { meaning = try session.meaning(of: response, to: request) } catch { throw ended(error, .unknown) }
            switch meaning {
            case .success(let text, _): return .done(text)
            case .accepted(let text, let failure):
                _ = lost(failure, isComplete: false)  // a cancel from here on must not deny it
                return .accepted(text: text, failure)
            case .unusable(let failure):
                _ = lost(failure, isComplete: false)
                throw try failureAfterReadBack(failure)
            case .later(let failure): return .unsettled(.notDone(failure))
            case .ambiguous(let failure, let isComplete, _): return .unsettled(lost(failure, isComplete: isComplete))
            case .refused(let failure, let certainty):
                guard ambiguousFailure != nil else { throw ended(try disambiguated(failure, certainty), .notApplied) }
                if certainty != .page && failure.status != .notEnabled && failure.httpStatus == repetitionStatus {
                    return .unsettled(.refusedAsRepetition(failure))
                }
                let meant = try disambiguated(failure, certainty)
                let outcome = try failureAfterReadBack(meant).outcome
                throw ended(certainty == .codeOnly ? explained(meant) : meant, outcome)
            }
        }
    }

    private mutating func lost(_ failure: Failure, isComplete: Bool) -> SendResult {
        ambiguousFailure = failure
        everyFailureWasComplete = everyFailureWasComplete && isComplete
        return .ambiguous(failure)
    }

    /// The code that refuses a repetition once the write before it was applied; nil if it answers 200.
    private var repetitionStatus: Int? {
        switch request.operation {
        case .multiWebhookAppend, .multiWebhookSet(enabled: true, _): 409
        case .multiWebhookDelete: 404
        default: nil
        }
    }

    private mutating func sendAgain(after result: SendResult, _ reading: ReadBack? = nil) throws(Failure) -> State {
        let failure = result.failure
        guard failure.retryable || ambiguousFailure != nil, let delay = retry.delay(after: failure.retryAfter, until: sendBy)
        else {
            return try conclude(result, reading)
        }
        call.log.write(
            .warning, "sending \(request.operation.kind.method.rawValue) again in \(delay.milliseconds) ms: \(failure.message)")
        try pause(delay)
        return .sending
    }

    /// No sending is left. A lost write is looked for until the time is up.
    private mutating func conclude(_ result: SendResult, _ reading: ReadBack?) throws(Failure) -> State {
        guard let lost = ambiguousFailure else { throw ended(result.failure, .notApplied) }
        if everyFailureWasComplete {
            if case .absent = reading { throw ended(lost, .notApplied) }
        } else if canBeShown {
            var last = reading
            if let answer = try keepReadingBack(&last) { return .done(answer) }
            if case .absent(.multiWebhook(let shown)) = last, result.failure.httpStatus == 409, shown.enabled == false {
                throw ended(result.failure.reinterpreted(as: .notEnabled), .unknown)
            }
        }
        let unknown = Failure(
            .outcomeUnknown, "the write was sent, its answer was lost, and no reading settled it: \(lost.message)",
            retryable: true)
        throw ended(unknown.reinterpreted(from: lost), .unknown)
    }

    // Reading back

    /// False if no reading can show all that was asked for: what `override_all` takes from other numbers, and members that this
    /// library does not know.
    private var canBeShown: Bool {
        if case .wabaWebhookSet(_, overrideAll: true) = request.operation { return false }
        return !request.hasUnknownMembers
    }

    /// One reading.
    private mutating func readBack() throws(Failure) -> ReadBack {
        guard !call.deadline.hasPassed else { return .failed(after: nil, isTransient: false) }
        let result: Session.ReadResult
        do throws(Failure) {
            result = try session.until(call.deadline.orEarlier(in: readingLimit)).readOnce(request.operation.kind.setting)
        } catch {
            throw ended(error, .unknown)
        }
        switch result {
        case .missing(let failure):
            call.log.write(.warning, "reading back failed: \(failure.message)")
            return .failed(after: nil, isTransient: false)
        case .failed(let failure, let isTransient):
            call.log.write(.warning, "reading back failed: \(failure.message)")
            return .failed(after: failure.retryAfter, isTransient: isTransient)
        case .shown(let shown):
            if case .multiWebhook(let reading) = shown.reading, destinationsSince == nil { destinationsSince = reading }
            switch try request.operation.evidence(in: shown.reading) {
            case .shows: return request.hasUnknownMembers ? .undecided : .confirmed(answer: answer(from: shown.reading))
            case .cannotTell: return .undecided
            case .contradicts: return .conflicting
            case .lacks: return .absent(shown.reading)
            }
        }
    }

    /// Readings until one proves the write or the time is up. `last` is the reading before, and becomes the last one.
    private mutating func keepReadingBack(_ last: inout ReadBack?, acceptingUndecided: Bool = false) throws(Failure) -> String? {
        var backoff = Backoff(initial: .milliseconds(50), maximum: .seconds(2))
        while true {
            var after = Duration.zero
            switch last {
            case .confirmed(let answer): return answer
            case .undecided: return acceptingUndecided ? answer(from: nil) : nil
            case .failed(_, isTransient: false): return nil
            case .failed(let wait, isTransient: true): after = wait ?? .zero
            case .conflicting, .absent, nil: break
            }
            guard !call.deadline.hasPassed else { return nil }
            if last != nil { try pause(min(max(backoff.next(), after), call.deadline.remaining)) }
            last = try readBack()
        }
    }

    private mutating func keepReadingBack(acceptingUndecided: Bool = false) throws(Failure) -> String? {
        var last: ReadBack?
        return try keepReadingBack(&last, acceptingUndecided: acceptingUndecided)
    }

    /// A failure that does not say whether this write, or one before it, was applied. A reading may.
    private mutating func failureAfterReadBack(_ failure: Failure) throws(Failure) -> Failure {
        guard canBeShown else { return ended(failure, .unknown) }
        return ended(failure, try keepReadingBack() == nil ? .unknown : .applied)
    }

    /// The answer of a write that a reading settled, in the documented shape.
    private func answer(from reading: Reading?) -> String {
        switch (request.operation, reading) {
        case (.multiWebhookDelete, _): return VendorMessages.destinationDeleted
        case (.wabaWebhookSet, .wabaWebhook(let shown)):
            return shown.wabaID.map { VendorMessages.webhookWillBeSet(wabaID: $0) } ?? VendorMessages.operationStarted
        case (.customerWebhookSet(let webhook), _):
            return (try? JSON.object([("url", .string(webhook.url.string))]).text()) ?? "{}"
        default: return VendorMessages.operationStarted
        }
    }

    // What a refusal means

    /// Reads the configuration to find out what a 409 or 404 without our status means.
    private mutating func disambiguated(_ failure: Failure, _ certainty: ReplyMeaning.Certainty) throws(Failure) -> Failure {
        guard certainty == .codeOnly else { return failure }
        switch (failure.httpStatus, request.operation) {
        case (409, .multiWebhookAppend), (409, .multiWebhookUpdate), (409, .multiWebhookDelete),
            (409, .multiWebhookSet(enabled: false, _)):
            _ = try readToDisambiguate()
            return explained(failure)
        case (404, .multiWebhookUpdate(let change)): return try unknownName(change.name, "/name", failure)
        case (404, .multiWebhookDelete(let name)): return try unknownName(name, nil, failure)
        default: return failure
        }
    }

    /// A 409 or 404 without our status, by what was read since.
    private func explained(_ failure: Failure) -> Failure {
        guard let shown = destinationsSince else { return failure }
        switch (failure.httpStatus, request.operation) {
        case (409, .multiWebhookAppend), (409, .multiWebhookUpdate), (409, .multiWebhookDelete),
            (409, .multiWebhookSet(enabled: false, _)):
            return shown.enabled == false ? failure.reinterpreted(as: .notEnabled) : failure
        case (404, .multiWebhookUpdate(let change)) where shown.destination(named: change.name) == nil:
            return failure.reinterpreted(as: .noDestination(named: change.name.string, path: "/name"))
        default: return failure
        }
    }

    /// A name that was deleted a moment ago may still show, so it is looked for as often as an operation is tried.
    private mutating func unknownName(_ name: ExactString, _ path: String?, _ failure: Failure) throws(Failure) -> Failure {
        var retry = Retry(limit: call.settings.maxAttempts)
        while true {
            retry.begin()
            guard let shown = try readToDisambiguate() else { return failure }
            guard shown.destination(named: name) != nil else {
                return failure.reinterpreted(as: .noDestination(named: name.string, path: path))
            }
            guard let delay = retry.delay(until: call.deadline) else {
                return failure.with { $0.message = "the service has no such path (404), though the destination exists" }
            }
            try pause(delay)
        }
    }

    /// Nil if the destinations cannot be read.
    private mutating func readToDisambiguate() throws(Failure) -> MultiWebhookReading? {
        var retry = Retry(limit: call.settings.maxAttempts)
        while true {
            retry.begin()
            let result: Session.ReadResult
            do throws(Failure) {
                result = try session.until(call.deadline.orEarlier(in: readingLimit)).readOnce(.multiWebhook)
            } catch {
                throw ended(error, outcomeSoFar)
            }
            switch result {
            case .shown(let shown):
                guard case .multiWebhook(let reading) = shown.reading else { return nil }
                if destinationsSince == nil { destinationsSince = reading }
                return reading
            case .failed(let failure, isTransient: true):
                guard let delay = retry.delay(after: failure.retryAfter, until: call.deadline) else { return nil }
                try pause(delay)
            case .failed(_, isTransient: false), .missing: return nil
            }
        }
    }

    // How the call ends

    private var outcomeSoFar: Failure.Outcome { ambiguousFailure == nil ? .notApplied : .unknown }

    private func pause(_ span: Duration) throws(Failure) {
        do throws(Failure) { try call.pause(span) } catch { throw ended(error, outcomeSoFar) }
    }

    private func ended(_ failure: Failure, _ outcome: Failure.Outcome) -> Failure { failure.with { $0.outcome = outcome } }
}

extension Failure {
    /// What a service's refusal turned out to be; its code and words stay.
    fileprivate func reinterpreted(as failure: Failure) -> Failure { failure.reinterpreted(from: self) }

    fileprivate func reinterpreted(from answered: Failure) -> Failure {
        with {
            $0.httpStatus = answered.httpStatus
            $0.serviceMessage = answered.serviceMessage
        }
    }
}
