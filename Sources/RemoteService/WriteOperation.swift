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
        /// A repetition was rejected, as it is if the write before it was applied.
        case rejectedAsRepetition(Failure)

        var failure: Failure {
            switch self {
            case .notDone(let failure), .ambiguous(let failure), .rejectedAsRepetition(let failure): failure
            }
        }
    }

    private let request: Request
    private let session: Session
    private let call: Call
    /// A quarter of the time is kept for reading back.
    private let sendBy: Deadline

    private var state = State.sending
    private var retry: Retry
    /// Why the last answer was lost; nil while every sending was answered.
    private var ambiguousFailure: Failure?
    /// Every lost answer was a complete 500 or 503: such a request is not still on its way.
    private var everyFailureWasComplete = true

    init(_ request: Request, _ session: Session) {
        self.request = request
        self.session = session
        call = session.call
        sendBy = call.deadline.earlier(by: session.readingLimit)
        retry = Retry(limit: call.settings.maxAttempts)
    }

    mutating func perform() throws(Failure) -> String {
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
            return .readBack(try ending(.unknown, try session.readBack(request)), after: result)
        case .readBack(.shown(.shows, let reading), _): return .done(request.answer(from: reading))
        case .readBack(.shown(.cannotTell, _), .rejectedAsRepetition(let failure)) where failure.httpStatus == 404:
            return .done(request.answer(from: nil))  // a delete, and a reading without destinations
        case .readBack(.shown(.contradicts, _), .rejectedAsRepetition(let failure)): throw ended(failure, .unknown)
        case .readBack(let reading, let result):
            // The rejection of a repetition says that one of the writes may have been applied.
            if case .rejectedAsRepetition = result { everyFailureWasComplete = false }
            return try sendAgain(after: result, reading)
        case .accepted(let text, let failure):
            var last: ReadBack?
            guard let shown = try keepReadingBack(&last, acceptingUndecided: true).answer else { throw ended(failure, .unknown) }
            return .done(text ?? shown)
        case .done: return state
        }
    }

    // Sending

    private mutating func send() throws(Failure) -> State {
        retry.begin()
        let isRepetition = retry.attempts > 1
        switch try ending(outcomeSoFar, try session.until(sendBy).send(request, onNewConnection: isRepetition)) {
        case .cancelled(let sent): throw ended(.cancelled, sent ? .unknown : outcomeSoFar)
        case .failed(let transfer, let sent):
            return .unsettled(sent ? lost(transfer.failure, isComplete: false) : .notDone(transfer.failure))
        case .response(let response):
            switch try ending(.unknown, try session.meaning(of: response, to: request)) {
            case .success(let text, _): return .done(text)
            case .accepted(let text, let failure):
                _ = lost(failure, isComplete: false)  // a cancel from here on must not deny it
                return .accepted(text: text, failure)
            case .unusable(let failure):
                _ = lost(failure, isComplete: false)
                throw try failureAfterReadBack(failure)
            case .later(let failure): return .unsettled(.notDone(failure))
            case .ambiguous(let failure, let isComplete, _): return .unsettled(lost(failure, isComplete: isComplete))
            case .rejected(let failure, let certainty):
                guard ambiguousFailure != nil else { throw ended(try explained(failure, certainty) ?? failure, .notApplied) }
                if certainty != .page && failure.status != .notEnabled && failure.httpStatus == repetitionStatus {
                    return .unsettled(.rejectedAsRepetition(failure))
                }
                throw try failureAfterReadBack(failure, try explained(failure, certainty))
            }
        }
    }

    private mutating func lost(_ failure: Failure, isComplete: Bool) -> SendResult {
        ambiguousFailure = failure
        everyFailureWasComplete = everyFailureWasComplete && isComplete
        return .ambiguous(failure)
    }

    /// The code that rejects a repetition once the write before it was applied; nil if it answers 200.
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
        try ending(outcomeSoFar, try call.pause(delay))
        return .sending
    }

    /// No sending is left. A lost write is looked for until the time is up.
    private mutating func conclude(_ result: SendResult, _ reading: ReadBack?) throws(Failure) -> State {
        guard let lost = ambiguousFailure else { throw ended(result.failure, .notApplied) }
        if everyFailureWasComplete {
            if case .shown(.lacks, _) = reading { throw ended(lost, .notApplied) }
        } else if request.canBeShown {
            var last = reading
            if let answer = try keepReadingBack(&last).answer { return .done(answer) }
            if case .shown(.lacks, .multiWebhook(let shown)) = last, result.failure.httpStatus == 409, shown.enabled == false {
                throw ended(result.failure.reinterpreted(as: .notEnabled), .unknown)
            }
        }
        let unknown = Failure(
            .outcomeUnknown, "the write was sent, its answer was lost, and no reading settled it: \(lost.message)",
            retryable: true)
        throw ended(lost.reinterpreted(as: unknown), .unknown)
    }

    /// A failure that does not say whether this write, or one before it, was applied. A reading may, and it may say why, if
    /// nothing did before.
    private func failureAfterReadBack(_ failure: Failure, _ explanation: Failure? = nil) throws(Failure) -> Failure {
        guard request.canBeShown else { return ended(explanation ?? failure, .unknown) }
        var last: ReadBack?
        let (answer, first) = try keepReadingBack(&last)
        let explained = explanation ?? first.map { failure.explained(by: $0, of: request.operation) } ?? failure
        return ended(explained, answer == nil ? .unknown : .applied)
    }

    private func keepReadingBack(
        _ last: inout ReadBack?, acceptingUndecided: Bool = false
    ) throws(Failure) -> (answer: String?, first: Reading?) {
        try ending(.unknown, try session.keepReadingBack(request, &last, acceptingUndecided: acceptingUndecided))
    }

    /// Nil if the reading that this takes fails.
    private func explained(_ failure: Failure, _ certainty: ReplyMeaning.Certainty) throws(Failure) -> Failure? {
        guard certainty == .codeOnly else { return failure }
        return try ending(outcomeSoFar, try session.explained(failure, of: request.operation))
    }

    // How the call ends

    private var outcomeSoFar: Failure.Outcome { ambiguousFailure == nil ? .notApplied : .unknown }

    /// A failure of `work` ends the call with this outcome.
    private func ending<Result>(
        _ outcome: Failure.Outcome, _ work: @autoclosure () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        do throws(Failure) { return try work() } catch { throw ended(error, outcome) }
    }

    private func ended(_ failure: Failure, _ outcome: Failure.Outcome) -> Failure { failure.with { $0.outcome = outcome } }
}
