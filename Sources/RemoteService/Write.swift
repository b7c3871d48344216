import JSON
import Support
import WebhookModel

/// One write, from its first sending until it is answered or settled.
///
/// Once its first byte is sent, an answer that does not come, or a 5xx that says nothing, leaves open whether it was applied.
/// All six writes are idempotent by their content, so such a write is settled: read back, wait, send again. "Operation
/// started" may show late: a reading without it proves nothing, while one that shows it proves it.
struct Write {
    private let request: Request
    private let key: APIKey
    private let call: Call
    private let service: RemoteService
    private let settlement: Settlement
    /// Texts that a service's words may repeat.
    private let secrets: [String]
    /// A quarter of the time is kept for reading back.
    private let deadline: Deadline
    private let sendBy: Deadline
    private let readingLimit: Int64

    private var attempts: Attempts
    /// Why the last answer was lost; nil while every sending was answered, or none began.
    private var lost: Failure?
    /// Whether every lost answer was a complete 500 or 503: such a request is not still on its way.
    private var isClear = true
    /// What the last reading said, if there was one since the last sending.
    private var look: Look?

    private enum Look {
        case shown
        case contradicted
        case lacking(JSON)
        case unread(after: Int64?, mayPass: Bool)
    }

    private enum Step {
        case answered(String)
        case again(Failure, after: Int64?)
    }

    init(_ request: Request, key: APIKey, call: Call, deadline: Deadline, service: RemoteService) {
        self.request = request
        self.key = key
        self.call = call
        self.service = service
        self.deadline = deadline
        settlement = Settlement(request)
        secrets = [key.text] + (request.body?.json.secrets ?? [])
        readingLimit = max(1, call.settings.timeout.milliseconds / 4)
        sendBy = deadline.earlier(by: .milliseconds(readingLimit))
        attempts = Attempts(most: call.settings.maxAttempts)
    }

    mutating func run() throws(Failure) -> String {
        while true {
            attempts.begin()
            look = nil
            let failure: Failure
            let after: Int64?
            switch try send() {
            case .answered(let answer): return answer
            case .again(let why, let seconds): (failure, after) = (why, seconds)
            }
            if lost != nil && settlement.isProvable, let answer = try readBack() { return answer }
            guard failure.retryable || lost != nil, let wait = attempts.wait(after: after, until: sendBy) else {
                return try end(failure)
            }
            call.log.write(.warning, "sending \(request.operation.kind.method.rawValue) again in \(wait) ms: \(failure.message)")
            try pause(wait)
        }
    }

    private mutating func send() throws(Failure) -> Step {
        let exchange: Exchange
        do throws(Failure) {
            exchange = try service.exchange(
                request.operation, body: request.body?.text, key: key, call: call, deadline: sendBy,
                isRepeated: attempts.count > 1)
        } catch {
            throw ended(error, lost == nil ? .notApplied : .unknown)
        }
        switch exchange {
        case .cancelled(let sent): throw ended(.cancelled, lost != nil || sent ? .unknown : .notApplied)
        case .failed(let transfer, let sent):
            if sent { lose(transfer.failure, isClear: false) }
            return .again(transfer.failure, after: nil)
        case .answer(let answer):
            switch Reply(answer, to: request, secrets: secrets) {
            case .success(let text, _): return .answered(text)
            case .unusable(let failure):
                lose(failure, isClear: false)
                throw try endedAsReadBack(failure)
            case .later(let failure, let after): return .again(failure, after: after)
            case .lost(let failure, let after, let isClear):
                lose(failure, isClear: isClear)
                return .again(failure, after: after)
            case .refused(let failure, let isBelieved):
                if lost == nil { throw ended(isBelieved ? failure : try toldApart(failure), .notApplied) }
                return try refusedAgain(failure, isBelieved: isBelieved)
            }
        }
    }

    private mutating func lose(_ failure: Failure, isClear: Bool) {
        lost = failure
        self.isClear = self.isClear && isClear
    }

    /// The refusal of a repetition, which may be because the write before it was applied.
    private mutating func refusedAgain(_ failure: Failure, isBelieved: Bool) throws(Failure) -> Step {
        guard failure.httpStatus == settlement.repetitionStatus, failure.status != .notEnabled else {
            throw try endedAsReadBack(isBelieved ? failure : try toldApart(failure))
        }
        if let answer = try readBack() { return .answered(answer) }
        if case .contradicted = look { throw ended(failure, .unknown) }
        isClear = false  // no answer either: it says that one of the writes may have been applied
        return .again(failure, after: nil)
    }

    /// No sending is left. What was lost is looked for until the time is up.
    private mutating func end(_ failure: Failure) throws(Failure) -> String {
        guard let lost else { throw ended(failure, .notApplied) }
        if isClear {
            if look == nil { _ = try readBack() }
            if case .lacking = look { throw ended(lost, .notApplied) }
        } else if settlement.isProvable {
            if let answer = try keepReadingBack() { return answer }
            if case .lacking(let shown) = look, failure.httpStatus == 409, isOff(shown) {
                throw ended(failure.meaning(.notEnabled), .unknown)
            }
        }
        let unknown = Failure(
            .outcomeUnknown, "the write was sent, its answer was lost, and no reading settled it: \(lost.message)",
            retryable: true)
        throw ended(
            unknown.with {
                $0.httpStatus = lost.httpStatus
                $0.serviceMessage = lost.serviceMessage
            }, .unknown)
    }

    /// One reading. The answer, where it proves the write.
    private mutating func readBack() throws(Failure) -> String? {
        let limit = min(readingLimit, deadline.milliseconds)
        guard limit > 0 else {
            look = .unread(after: nil, mayPass: false)
            return nil
        }
        let reading: RemoteService.Reading
        do throws(Failure) {
            reading = try service.readOnce(
                settlement.reading, key: key, call: call, deadline: Deadline(in: limit, of: call), secrets: secrets)
        } catch {
            throw ended(error, .unknown)
        }
        switch reading {
        case .failed(let failure, let after, let mayPass):
            call.log.write(.warning, "reading back failed: \(failure.message)")
            look = .unread(after: after, mayPass: mayPass)
        case .shown(_, let shown):
            if settlement.isShown(by: shown) {
                look = .shown
                return settlement.isProvable ? settlement.answer(from: shown) : nil
            }
            look = settlement.isContradicted(by: shown) ? .contradicted : .lacking(shown)
        }
        return nil
    }

    /// Readings until one proves the write or the time is up.
    private mutating func keepReadingBack() throws(Failure) -> String? {
        var backoff = Backoff(first: 50, longest: 2_000)
        while true {
            var seconds: Int64 = 0
            if case .unread(let after, let mayPass) = look {
                guard mayPass else { return nil }
                seconds = after ?? 0
            }
            guard deadline.milliseconds > 0 else { return nil }
            if look != nil {
                try pause(min(max(backoff.next().milliseconds, min(seconds, 86_400) * 1_000), deadline.milliseconds))
            }
            if let answer = try readBack() { return answer }
        }
    }

    /// A failure that says nothing of whether this write, or one before it, was applied: a reading may.
    private mutating func endedAsReadBack(_ failure: Failure) throws(Failure) -> Failure {
        guard settlement.isProvable else { return ended(failure, .unknown) }
        return ended(failure, try keepReadingBack() == nil ? .unknown : .applied)
    }

    /// What a 409 or 404 without our status means, by a reading.
    private func toldApart(_ failure: Failure) throws(Failure) -> Failure {
        switch (failure.httpStatus, request.operation) {
        case (409, .multiWebhookAppend), (409, .multiWebhookUpdate), (409, .multiWebhookDelete),
            (409, .multiWebhookSet(false, _)):
            if case .shown(_, let shown) = try readForMeaning(), isOff(shown) { return failure.meaning(.notEnabled) }
            return failure
        case (404, .multiWebhookUpdate(let change)): return try unknownName(change.name, "/name", failure)
        case (404, .multiWebhookDelete(let name)): return try unknownName(name, nil, failure)
        default: return failure
        }
    }

    /// A name that was deleted a moment ago may still show: it is looked for as often as an operation is tried.
    private func unknownName(_ name: ExactString, _ path: String?, _ failure: Failure) throws(Failure) -> Failure {
        var attempts = Attempts(most: call.settings.maxAttempts)
        while true {
            attempts.begin()
            guard case .shown(_, let shown) = try readForMeaning() else { return failure }
            guard shown.hasDestination(name) else {
                return failure.meaning(.noDestination(named: name.string, path: path))
            }
            guard let wait = attempts.wait(after: nil, until: deadline) else {
                return failure.with { $0.message = "the service has no such path (404), though the destination is there" }
            }
            try pause(wait)
        }
    }

    /// A reading, tried as often as an operation.
    private func readForMeaning() throws(Failure) -> RemoteService.Reading {
        var attempts = Attempts(most: call.settings.maxAttempts)
        while true {
            attempts.begin()
            let limit = Deadline(in: max(1, min(readingLimit, deadline.milliseconds)), of: call)
            let reading: RemoteService.Reading
            do throws(Failure) {
                reading = try service.readOnce(.multiWebhookGet, key: key, call: call, deadline: limit, secrets: secrets)
            } catch {
                throw ended(error, lost == nil ? .notApplied : .unknown)
            }
            guard case .failed(_, let after, true) = reading, let wait = attempts.wait(after: after, until: deadline) else {
                return reading
            }
            try pause(wait)
        }
    }

    private func isOff(_ shown: JSON) -> Bool { shown["enabled"]?.boolean == false }

    private func pause(_ milliseconds: Int64) throws(Failure) {
        do throws(Failure) { try call.pause(milliseconds) } catch { throw ended(error, lost == nil ? .notApplied : .unknown) }
    }

    private func ended(_ failure: Failure, _ outcome: Failure.Outcome) -> Failure {
        failure.with {
            $0.attempts = attempts.count
            $0.outcome = outcome
        }
    }
}

extension Failure {
    /// What a service's refusal turned out to be; its code and words stay.
    fileprivate func meaning(_ failure: Failure) -> Failure {
        failure.with {
            $0.httpStatus = httpStatus
            $0.serviceMessage = serviceMessage
        }
    }
}
