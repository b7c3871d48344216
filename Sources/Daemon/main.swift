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
// A file that may not grow any more is the storage's to tell.
signal(SIGXFSZ, SIG_IGN)

do throws(Failure) {
    let log = LogWriter(arguments.logFormat)
    let server = try Startup(arguments, log).server()
    if let path = arguments.portFile { try TextFile.write("\(server.port)\n", to: path) }
    ServiceManager.notify("READY=1")
    var second = timespec(tv_sec: 1, tv_nsec: 0)
    while sigtimedwait(&signals, nil, &second) < 0 { server.sweep() }
    ServiceManager.notify("STOPPING=1")
    log.write(.info, "stopping: answers what was begun")
    server.drain()
    log.write(.info, "stopped")
} catch {
    fail(error.message)
}
// Threads that wait for work end with the process.
exit(0)
