@testable import Fleet
import Support
import Synchronization
import Testing

/// Milliseconds, set by a test.
private final class TestClock: Sendable {
    let now = Atomic<Int64>(1_000_000)

    func pass(_ milliseconds: Int64) { now.add(milliseconds, ordering: .relaxed) }

    func limit(ceiling: Int? = nil, timeout: Int = 30_000) -> RateLimit {
        RateLimit(ceiling: ceiling, timeout: .milliseconds(timeout)) { .milliseconds(self.now.load(ordering: .relaxed)) }
    }
}

/// What a service that admits `rate` requests a second, with a bucket of as many, made of so many requests.
private struct Outcome {
    var seconds = 0.0
    var refused = 0
}

@Suite struct RateLimitTests {
    private let clock = TestClock()

    /// 16 senders with a key each, whose requests take 4 ms.
    private func send(_ count: Int, rate: Double, bucket: Double, retryAfter: Duration? = nil) -> Outcome {
        let limit = clock.limit()
        var outcome = Outcome()
        var tokens = bucket
        var left = count
        while left > 0 {
            for sender in 0..<16 where left > 0 && limit.admission(sender) == .now {
                if tokens >= 1 {
                    tokens -= 1
                    left -= 1
                    limit.admitted(sender)
                } else {
                    outcome.refused += 1
                    limit.limited(sender, retryAfter: retryAfter)
                }
            }
            clock.pass(4)
            outcome.seconds += 0.004
            tokens = min(bucket, tokens + rate * 0.004)
        }
        return outcome
    }

    @Test(arguments: [1.0, 5, 50], [nil, .seconds(1)] as [Duration?])
    func aServiceOf50ASecondIsUsedWellAndRefusesLittle(_ bucket: Double, _ retryAfter: Duration?) {
        let outcome = send(6_000, rate: 50, bucket: bucket, retryAfter: retryAfter)
        #expect(outcome.seconds <= 1.2 * 6_000 / 50)
        #expect(outcome.refused <= 6_000 / 20)
    }

    @Test func theCeilingHolds() {
        let limit = clock.limit(ceiling: 100)
        var sent = 0
        for _ in 0..<5_000 {
            if limit.admission(1) == .now { sent += 1 }
            clock.pass(1)
        }
        #expect(sent <= 100 * 5 + 11 && sent >= 450)
    }

    @Test func nothingIsSentBeforeRetryAfterIsOver() {
        let limit = clock.limit()
        limit.limited(1, retryAfter: .seconds(7))
        clock.pass(6_999)
        #expect(limit.admission(1) == .later(.milliseconds(1)))
        clock.pass(1)
        #expect(limit.admission(1) == .now)
    }

    @Test func aServiceThatAdmitsNothingIsGivenUpForGood() {
        let limit = clock.limit(timeout: 2_000)
        limit.limited(1, retryAfter: .seconds(3_600))
        limit.limited(2, retryAfter: nil)
        clock.pass(1_999)
        #expect(limit.admission(1) != .never)
        clock.pass(1)
        #expect(limit.admission(1) == .never)
        #expect(limit.admission(1) == .never)
    }

    @Test func oneAdmittedRequestStartsThePatienceAgain() {
        let limit = clock.limit(timeout: 2_000)
        limit.limited(1, retryAfter: nil)
        limit.limited(2, retryAfter: nil)
        clock.pass(1_900)
        limit.admitted(2)
        clock.pass(1_900)
        #expect(limit.admission(1) == .now)
    }

    @Test func refusalsOfOneSecondCutTheRateOnce() {
        let limit = clock.limit(ceiling: 100)
        for key in 0..<50 { limit.limited(key, retryAfter: nil) }
        var sent = 0
        for _ in 0..<1_000 {
            if limit.admission(1) == .now { sent += 1 }
            clock.pass(1)
        }
        #expect(sent > 80 && sent < 95)
    }

    @Test func aKeyThatAloneIsRefusedIsLimitedByItself() {
        let limit = clock.limit(timeout: 2_000)
        var sent = 0
        var givenUp: Int64?
        for millisecond in 0..<4_000 as Range<Int64> {
            switch limit.admission(0) {
            case .now: limit.limited(0, retryAfter: nil)
            case .never: givenUp = givenUp ?? millisecond
            case .later: break
            }
            for key in 1...5 where limit.admission(key) == .now {
                limit.admitted(key)
                sent += 1
            }
            clock.pass(1)
        }
        #expect((givenUp ?? 0) >= 2_000 && (givenUp ?? 0) < 3_000)
        #expect(sent > 15_000)
    }

    @Test func oneKeyThatIsRefusedWhileItIsAloneEndsAlone() {
        let limit = clock.limit(timeout: 1_000)
        limit.limited(0, retryAfter: .seconds(60))
        clock.pass(1_000)
        #expect(limit.admission(0) == .never)
        #expect(limit.admission(1) == .now)
    }
}
