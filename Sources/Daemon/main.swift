import EmbeddedService
import Glibc
import PostgreSQLStorage
import SQLiteStorage
import Support
import WebhookModel

/// sysexits.h
let wrongUsage: Int32 = 64

func fail(_ message: String, _ status: Int32 = 1) -> Never {
    var line = "d360-webhookd: \(message.sanitized)\n"
    line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    exit(status)
}

func say(_ text: String) -> Never {
    print(text, terminator: "")
    exit(0)
}

let arguments: Arguments
do throws(Failure) {
    switch try Arguments.parse(Array(CommandLine.arguments.dropFirst())) {
    case .run(let given): arguments = given
    case .help: say(Arguments.usage)
    case .version: say("d360-webhookd \(version)\n")
    }
} catch {
    fail("\(error.message); --help says more", wrongUsage)
}

// Before there are threads: signals are for the loop below alone.
var signals = sigset_t()
sigemptyset(&signals)
for number in [SIGTERM, SIGINT] { sigaddset(&signals, number) }
pthread_sigmask(SIG_BLOCK, &signals, nil)
signal(SIGPIPE, SIG_IGN)
// The storage reports a file that cannot grow.
signal(SIGXFSZ, SIG_IGN)

/// Longest wait for standard error to take the last lines.
let logPatience = Duration.seconds(1)

do throws(Failure) {
    let log = try LogWriter(arguments.logFormat)
    defer { log.flush(atMost: logPatience) }
    let (server, port) = try Startup(arguments, log).server()
    log.flush(atMost: .milliseconds(100))
    if let path = arguments.portFile { try TextFile.write("\(port)\n", to: path) }
    ServiceManager.notify("READY=1")
    var second = timespec(tv_sec: 1, tv_nsec: 0)
    while sigtimedwait(&signals, nil, &second) < 0 { server.sweep() }
    ServiceManager.notify("STOPPING=1")
    log.write(.info, "stopping: answering the requests that have begun")
    guard server.drain() else {
        log.write(.error, "stopped while the storage was still working")
        log.flush(atMost: logPatience)
        _exit(1)  // exit handlers must not run while a thread is inside a library
    }
    log.write(.info, "stopped")
} catch {
    fail(error.message)
}
// Idle threads end with the process.
exit(0)
