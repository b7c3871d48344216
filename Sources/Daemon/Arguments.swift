import Glibc
import Support
import WebhookModel

/// The command line.
struct Arguments {
    var service = ""
    var listen = "127.0.0.1:8360"
    var portFile: String?
    var adminTokenFile: String?
    var channels: String?
    var options = EmbeddedOptions()
    var policy = URLPolicy.cloud
    var threads = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    var certificate: String?
    var key: String?
    var isInsecureAllowed = false
    var logsRequests = false
    var logFormat = LogWriter.Format.text

    enum Command { case run(Arguments), help, version }

    private struct Flag: Sendable {
        let name: String
        /// The value's name in the help; nil if the flag takes none.
        let value: String?
        let help: String
        let set: @Sendable (inout Arguments, String) throws(Failure) -> Void

        init(
            _ name: String, _ value: String?, _ help: String,
            _ set: @escaping @Sendable (inout Arguments, String) throws(Failure) -> Void
        ) {
            (self.name, self.value, self.help, self.set) = (name, value, help, set)
        }

        /// A flag with a number.
        init(
            _ name: String, _ range: ClosedRange<Int64>, _ help: String,
            _ set: @escaping @Sendable (inout Arguments, Int64) -> Void
        ) {
            self.init(name, "N", help) { arguments, value throws(Failure) in
                guard let number = Int64(value), range.contains(number) else {
                    throw usage("--\(name) must be a number from \(range.lowerBound) to \(range.upperBound)")
                }
                set(&arguments, number)
            }
        }

        /// A flag with one of some words.
        init<Choice: RawRepresentable<String> & Sendable>(
            _ name: String, _ choices: [Choice], _ help: String, _ set: @escaping @Sendable (inout Arguments, Choice) -> Void
        ) {
            let words = choices.map(\.rawValue)
            self.init(name, words.joined(separator: "|"), help) { arguments, value throws(Failure) in
                guard let choice = choices.first(where: { $0.rawValue == value }) else {
                    throw usage("--\(name) must be \(words.dropLast().joined(separator: ", ")) or \(words.last ?? "")")
                }
                set(&arguments, choice)
            }
        }
    }

    private static let flags = [
        Flag("service", "URL", "where the state is: sqlite:FILE, sqlite::memory: or postgresql://…; required") {
            $0.service = $1
        },
        Flag("listen", "HOST:PORT", "default 127.0.0.1:8360; without HOST every address; port 0 picks a free one") {
            $0.listen = $1
        },
        Flag("port-file", "FILE", "write the port to this file once it listens") { $0.portFile = $1 },
        Flag("admin-token-file", "FILE", "holds the token for /admin; without it there is no /admin") { $0.adminTokenFile = $1 },
        Flag("channels", "FILE", #"register the channels of {"channels": [...]} and set their webhooks"#) { $0.channels = $1 },
        Flag("url-policy", [URLPolicy.cloud, .local], "which webhook URLs are accepted; default cloud, the vendor's rules") {
            $0.policy = $1
        },
        Flag("max-destinations", 1...1_000, "destinations that a phone number may have, 1 to 1000; default 3") {
            $0.options.maxDestinations = Int($1)
        },
        Flag("apply-delay-ms", 0...86_400_000, "milliseconds until a WABA webhook applies; default 0") {
            $0.options.applyDelay = .milliseconds($1)
        },
        Flag("multi-apply-delay-ms", 0...86_400_000, "milliseconds until readings show a change of the destinations; default 0") {
            $0.options.multiApplyDelay = .milliseconds($1)
        },
        Flag("answers", [AnswerStyle.specification, .observed, .notFound], "how readings look; default specification") {
            $0.options.answers = $1
        },
        Flag("threads", 1...64, "threads that serve connections, 1 to 64; default one for each core") { $0.threads = Int($1) },
        Flag("tls-cert", "PEM", "serve HTTPS with this certificate chain") { $0.certificate = $1 },
        Flag("tls-key", "PEM", "its private key") { $0.key = $1 },
        Flag("insecure-listen", nil, "allow listening on non-loopback addresses without TLS") { arguments, _ in
            arguments.isInsecureAllowed = true
        },
        Flag("access-log", nil, "log every request") { arguments, _ in arguments.logsRequests = true },
        Flag("log-format", [LogWriter.Format.text, .json], "default text") { $0.logFormat = $1 },
        Flag("help", nil, "show this") { _, _ in },
        Flag("version", nil, "show the version") { _, _ in },
    ]

    static var usage: String {
        var text =
            "Usage: d360-webhookd --service URL [FLAG]…\n"
            + "Serves 360dialog's webhook operations over HTTP, for tests, staging and programs on several machines.\n\n"
        for flag in flags {
            let name = "  --\(flag.name)" + (flag.value.map { " \($0)" } ?? "")
            let gap =
                name.utf8.count < 29
                ? String(repeating: " ", count: 30 - name.utf8.count) : "\n" + String(repeating: " ", count: 30)
            text += name + gap + flag.help + "\n"
        }
        return text + "\nExample: d360-webhookd --service sqlite::memory: --channels channels.json\n"
    }

    /// Reads what follows the program's name: `--flag value`, `--flag=value`.
    static func parse(_ words: [String]) throws(Failure) -> Command {
        var given = Arguments()
        var rest = words[...]
        while let word = rest.popFirst() {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let flag = flags.first(where: { "--" + $0.name == parts.first }) else {
                throw usage("\(quoted(word)) is not a flag")
            }
            if flag.name == "help" { return .help }
            if flag.name == "version" { return .version }
            var value = parts.count > 1 ? parts.last : nil
            guard flag.value != nil || value == nil else { throw usage("--\(flag.name) takes no value") }
            if flag.value != nil && value == nil { value = rest.popFirst() }
            guard flag.value == nil || value != nil else { throw usage("--\(flag.name) needs a value") }
            try flag.set(&given, value ?? "")
        }
        guard !given.service.isEmpty else { throw usage("--service is missing") }
        guard (given.certificate == nil) == (given.key == nil) else { throw usage("--tls-cert and --tls-key belong together") }
        return .run(given)
    }

    private static func usage(_ message: String) -> Failure { Failure(.invalidArgument, message) }
}
