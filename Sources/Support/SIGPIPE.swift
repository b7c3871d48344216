import Glibc

/// Runs `body` so that no SIGPIPE reaches the program: OpenSSL writes to sockets without MSG_NOSIGNAL.
///
/// The signal is blocked in this thread meanwhile. One that `body` raised is taken off again; one that was pending before
/// is not ours and stays.
package func withoutSIGPIPE<Result>(_ body: () -> Result) -> Result {
    var pipe = sigset_t()
    sigemptyset(&pipe)
    sigaddset(&pipe, SIGPIPE)
    var before = sigset_t()
    pthread_sigmask(SIG_BLOCK, &pipe, &before)
    var isForeign = false
    if sigismember(&before, SIGPIPE) == 1 {
        var pending = sigset_t()
        sigpending(&pending)
        isForeign = sigismember(&pending, SIGPIPE) == 1
    }
    let result = body()
    var sent = siginfo_t()
    if !isForeign {
        var now = timespec()
        isForeign = sigtimedwait(&pipe, &sent, &now) == SIGPIPE && sent._sifields._kill.si_pid != getpid()
        if isForeign { kill(getpid(), SIGPIPE) }  // another process's `kill` came meanwhile: it goes on
    }
    pthread_sigmask(SIG_SETMASK, &before, nil)
    return result
}
