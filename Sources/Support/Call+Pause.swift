import Glibc

extension Call {
    /// Sleeps; throws as soon as the call is cancelled.
    package func pause(_ span: Duration) throws(Failure) {
        let end = Deadline(in: span)
        while true {
            if isCancelled { throw .cancelled }
            let slice = min(end.remaining, Cancellation.period)
            if slice == .zero { return }
            var time = timespec(tv_sec: 0, tv_nsec: Int(slice.milliseconds) * 1_000_000 + 100_000)
            nanosleep(&time, nil)
        }
    }
}
