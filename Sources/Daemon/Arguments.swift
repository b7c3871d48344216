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

    enum Wish { case run(Arguments), help, version }

    /// What `--help` says; every flag is here once.
    static let flags: [(name: String, value: String?, help: String)] = [
        ("service", "URL", "where the state is: sqlite:FILE, sqlite::memory: or postgresql://…; required"),
        ("listen", "HOST:PORT", "default 127.0.0.1:8360; port 0 picks a free one"),
        ("port-file", "FILE", "gets the port once it listens"),
        ("admin-token-file", "FILE", "holds the token for /admin; without it there is no /admin"),
        ("channels", "FILE", #"register the channels of {"channels": [...]}"#),
        ("url-policy", "cloud|local", "which webhook URLs are taken; default cloud, the vendor's rules"),
        ("max-destinations", "N", "destinations that a phone number may have, 1 to 1000; default 3"),
        ("apply-delay-ms", "N", "milliseconds until a WABA webhook applies; default 0"),
        ("multi-apply-delay-ms", "N", "milliseconds until readings show a change of the destinations; default 0"),
        ("threads", "N", "threads that serve connections, 1 to 64; default one for each core"),
        ("tls-cert", "PEM", "serve HTTPS with this certificate chain"),
        ("tls-key", "PEM", "its private key"),
        ("insecure-listen", nil, "allow to listen beyond loopback without TLS"),
        ("access-log", nil, "log every request"),
        ("log-format", "text|json", "default text"),
        ("help", nil, "show this"),
        ("version", nil, "show the version"),
    ]

    static var usage: String {
        var text =
            "Usage: d360-webhookd --service URL [FLAG]…\n"
            + "Serves 360dialog's webhook operations over HTTP, for tests, staging and programs on several machines.\n\n"
        for (name, value, help) in flags {
            let flag = "  --\(name)" + (value.map { " \($0)" } ?? "")
            text += flag + String(repeating: " ", count: max(2, 30 - flag.utf8.count)) + help + "\n"
        }
        return text + "\nExample: d360-webhookd --service sqlite::memory: --channels channels.json\n"
    }

    /// Reads what follows the program's name: `--flag value`, `--flag=value`. A failure's message is about the flag to blame.
    static func parse(_ words: [String]) throws(Failure) -> Wish {
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
            try given.take(flag.name, value ?? "")
        }
        guard !given.service.isEmpty else { throw usage("--service is missing") }
        guard (given.certificate == nil) == (given.key == nil) else { throw usage("--tls-cert and --tls-key belong together") }
        return .run(given)
    }

    private mutating func take(_ name: String, _ value: String) throws(Failure) {
        switch name {
        case "service": service = value
        case "listen": listen = value
        case "port-file": portFile = value
        case "admin-token-file": adminTokenFile = value
        case "channels": channels = value
        case "url-policy":
            guard let policy = URLPolicy(rawValue: value), policy != .none else {
                throw Self.usage("--url-policy is cloud or local")
            }
            self.policy = policy
        case "max-destinations": options.maxDestinations = Int(try Self.number(name, value, 1...1_000))
        case "apply-delay-ms": options.applyDelay = .milliseconds(try Self.number(name, value, 0...86_400_000))
        case "multi-apply-delay-ms": options.multiApplyDelay = .milliseconds(try Self.number(name, value, 0...86_400_000))
        case "threads": threads = Int(try Self.number(name, value, 1...64))
        case "tls-cert": certificate = value
        case "tls-key": key = value
        case "insecure-listen": isInsecureAllowed = true
        case "access-log": logsRequests = true
        default:
            guard let format = LogWriter.Format(rawValue: value) else { throw Self.usage("--log-format is text or json") }
            logFormat = format
        }
    }

    private static func number(_ name: String, _ value: String, _ range: ClosedRange<Int64>) throws(Failure) -> Int64 {
        guard let number = Int64(value), range.contains(number) else {
            throw usage("--\(name) is a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func usage(_ message: String) -> Failure { Failure(.invalidArgument, message) }
}
