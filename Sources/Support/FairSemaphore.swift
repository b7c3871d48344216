/// Permits that are given in the order in which threads asked for them.
package final class FairSemaphore: Sendable {
    private struct State {
        var permits: Int
        var nextTicket: UInt64 = 0
        /// Tickets of the threads that wait, in their order.
        var waiting: [UInt64] = []
    }

    private let state: Locked<State>

    package init(permits: Int) { state = Locked(State(permits: permits)) }

    /// Waits for a permit until `deadline`. False if that passed; throws if the call was cancelled.
    package func acquire(_ call: Call, until deadline: Deadline) throws(Failure) -> Bool {
        let ticket: UInt64? = state.withLock { state in
            if state.permits > 0 && state.waiting.isEmpty {
                state.permits -= 1
                return nil
            }
            state.nextTicket += 1
            state.waiting.append(state.nextTicket)
            return state.nextTicket
        }
        guard let ticket else { return true }
        while true {
            let span = min(Cancellation.period, deadline.remaining)
            let isFirst: Bool? = state.wait(atMost: span) { state in
                guard state.permits > 0, state.waiting.first == ticket else { return nil }
                state.permits -= 1
                state.waiting.removeFirst()
                return true
            }
            if isFirst == true {
                state.notifyAll()  // permits may be left for the next
                return true
            }
            if call.isCancelled || deadline.hasPassed {
                state.withLock { $0.waiting.removeAll { $0 == ticket } }
                state.notifyAll()
                if call.isCancelled { throw .cancelled }
                return false
            }
        }
    }

    package func release() {
        state.withLock { $0.permits += 1 }
        state.notifyAll()
    }
}
