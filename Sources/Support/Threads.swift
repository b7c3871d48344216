import Glibc

/// A thread of the library's own. It takes no signals, so the program's handlers run on the program's threads.
package struct Thread {
    private let handle: pthread_t

    private final class Body {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Nil if the system cannot create one.
    package init?(_ body: @escaping @Sendable () -> Void) {
        let work = Unmanaged.passRetained(Body(body))
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        var handle = pthread_t()
        let code = pthread_create(&handle, nil, Self.run, work.toOpaque())
        guard code == 0 else {
            work.release()
            return nil
        }
        self.handle = handle
    }

    package func join() { pthread_join(handle, nil) }
    package func detach() { pthread_detach(handle) }

    private static let run: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
        if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().body() }
        return nil
    }
}
