import Glibc
import WebhookModel

extension Call {
    /// Sleeps, and throws as soon as the call is cancelled.
    public func pause(_ milliseconds: Int64) throws(Failure) {
        let end = Deadline(in: milliseconds)
        while true {
            if isCancelled { throw .cancelled }
            let slice = min(end.remaining, Int64(Cancellation.period))
            if slice == 0 { return }
            var time = timespec(tv_sec: 0, tv_nsec: Int(slice) * 1_000_000)
            nanosleep(&time, nil)
        }
    }
}
