/// Which webhook URLs are let through.
public enum URLPolicy: String, Sendable {
    /// The service's own rules.
    case cloud
    /// http, ports, IP addresses, localhost and underscores too: for tests on one machine.
    case local
    /// A remote service decides.
    case none
}
