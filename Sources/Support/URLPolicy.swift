/// Which webhook URLs are allowed.
package enum URLPolicy: String, Sendable {
    /// The real service's rules.
    case cloud
    /// The same with http, ports, IP addresses, localhost and underscores: for tests on one machine.
    case local
    /// No rule; a remote service decides.
    case none
}
