import Glibc
import Synchronization

/// A client's log callback. It is called for one line at a time, and no lock is held meanwhile.
package final class Log: Sendable {
    package enum Level: Int32, Sendable { case error = 0, warning, info, debug }

    package typealias Sink = @convention(c) (Int32, UnsafePointer<CChar>?, UnsafeMutableRawPointer?) -> Void

    private struct Callback: @unchecked Sendable {
        let sink: Sink
        let context: UnsafeMutableRawPointer?  // the caller's; only handed back to its callback
    }

    private struct State {
        var callback: Callback?
        /// A thread is inside the callback.
        var isRunning = false
        /// Changes of the callback that wait for it; no line is handed over before them.
        var waitingChanges = 0
        /// That thread is changing this log's callback, and waits for it.
        var runnerWaitsFor: Log?
    }

    private let isOn = Atomic<Bool>(false)
    private let state = Locked(State())
    /// Changes of callbacks that wait, one at a time, so that a circle of waits is seen.
    private static let changes = Locked(0)

    package init() {}

    /// Returns once the callback before is not running and will not run; if this is called inside that callback, or inside one
    /// that it waits for, without waiting.
    package func set(_ sink: Sink?, _ context: UnsafeMutableRawPointer?) {
        let callback = sink.map { Callback(sink: $0, context: context) }
        let own = Self.running
        let mayWait = Self.changes.withLock { _ in
            guard !leads(to: own) else { return false }
            own?.state.withLock { $0.runnerWaitsFor = self }
            return true
        }
        guard mayWait else { return state.withLock { install(callback, in: &$0) } }
        // It takes effect after the callback that runs: what that one sets meanwhile is replaced.
        state.withLock { $0.waitingChanges += 1 }
        let isInstalled = { (state: inout State) -> Bool? in
            guard !state.isRunning else { return nil }
            state.waitingChanges -= 1
            self.install(callback, in: &state)
            return true
        }
        while state.wait(atMost: .seconds(1), for: isInstalled) == nil {}
        state.notifyAll()
        own?.state.withLock { $0.runnerWaitsFor = nil }
    }

    private func install(_ callback: Callback?, in state: inout State) {
        state.callback = callback
        isOn.store(callback != nil, ordering: .releasing)
    }

    /// True if the thread inside this log's callback is the current one, or waits for it.
    private func leads(to own: Log?) -> Bool {
        guard let own else { return false }
        var log: Log? = self
        while let next = log {
            if next === own { return true }
            log = next.state.withLock { $0.runnerWaitsFor }
        }
        return false
    }

    /// Hands over one line without control characters. It must hold no key, no header's value, and of URLs no userinfo, query
    /// and fragment.
    package func write(_ level: Level, _ line: @autoclosure () -> String) {
        guard isOn.load(ordering: .acquiring) else { return }
        let line = line().sanitized
        guard let callback = beginRunning() else { return }
        Self.running = self
        callback.sink(level.rawValue, line, callback.context)
        Self.running = nil
        state.withLock { $0.isRunning = false }
        state.notifyAll()
    }

    /// Waits until no other thread is inside the callback; nil if there is none any more.
    private func beginRunning() -> Callback? {
        while true {
            let turn: Callback?? = state.wait(atMost: .seconds(1)) { state in
                guard let callback = state.callback else { return .some(nil) }
                guard !state.isRunning, state.waitingChanges == 0 else { return nil }
                state.isRunning = true
                return .some(callback)
            }
            if let callback = turn { return callback }
        }
    }

    /// This thread is inside this log's callback. A callback calls nothing that logs, so there is at most one.
    private static var running: Log? {
        get {
            guard let key, let log = pthread_getspecific(key) else { return nil }
            return Unmanaged<Log>.fromOpaque(log).takeUnretainedValue()
        }
        set {
            guard let key else { return }
            pthread_setspecific(key, newValue.map { UnsafeRawPointer(Unmanaged.passUnretained($0).toOpaque()) })
        }
    }

    /// Nil if the system has no more; a callback that changes its own log would then wait for itself.
    private static let key: pthread_key_t? = {
        var key = pthread_key_t()
        return pthread_key_create(&key, nil) == 0 ? key : nil
    }()
}
