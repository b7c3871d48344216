import CMicrohttpd
import Glibc
import Support

/// `HOST:PORT`, `[IPv6]:PORT`, resolved.
struct SocketAddress {
    let text: String
    let isLoopback: Bool
    private let family: Int32
    private let storage: sockaddr_storage
    private let length: socklen_t

    init(_ text: String) throws(Failure) {
        self.text = text
        let bytes = Array(text.utf8)
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")),
            let port = UInt16(String(decoding: bytes[(colon + 1)...], as: UTF8.self))
        else { throw Failure(.invalidArgument, "--listen \(quoted(text)) is not HOST:PORT") }
        var host = bytes[..<colon]
        if host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]") { host = host.dropFirst().dropLast() }
        var hints = addrinfo()
        hints.ai_socktype = Int32(D360_SOCKET_STREAM) & ~Int32(O_CLOEXEC)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        // No host at all: every address of the machine.
        let name = host.isEmpty ? nil : String(decoding: host, as: UTF8.self)
        let code = getaddrinfo(name, String(port), &hints, &found)
        defer { freeaddrinfo(found) }
        guard code == 0, let first = found?.pointee, let address = first.ai_addr else {
            throw Failure(.invalidArgument, "--listen \(quoted(text)): \(String(cString: gai_strerror(code)))")
        }
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: min(Int(first.ai_addrlen), $0.count)))
        }
        self.storage = storage
        length = first.ai_addrlen
        family = first.ai_family
        isLoopback = Self.isLoopback(address, first.ai_family)
    }

    /// A socket that listens.
    func listen() throws(Failure) -> Int32 {
        let listening = socket(family, Int32(D360_SOCKET_STREAM), 0)
        guard listening >= 0 else { throw failure }
        var yes: Int32 = 1
        setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let isBound = withUnsafeBytes(of: storage) { bytes in
            bytes.baseAddress.map { bind(listening, $0.assumingMemoryBound(to: sockaddr.self), length) == 0 } ?? false
        }
        guard isBound, Glibc.listen(listening, 4_096) == 0 else {
            let failure = failure
            close(listening)
            throw failure
        }
        return listening
    }

    /// Reads errno.
    private var failure: Failure {
        Failure(.invalidArgument, "cannot listen on \(text): \(String(cString: strerror(errno)))")
    }

    private static func isLoopback(_ address: UnsafePointer<sockaddr>, _ family: Int32) -> Bool {
        switch family {
        case AF_INET:
            address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                UInt32(bigEndian: $0.pointee.sin_addr.s_addr) >> 24 == 127
            }
        case AF_INET6:
            address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                withUnsafeBytes(of: $0.pointee.sin6_addr) { bytes in bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1 }
            }
        default: false
        }
    }
}

extension SocketAddress {
    /// The port that a socket got.
    static func port(of socket: Int32) -> UInt16 {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        withUnsafeMutableBytes(of: &storage) { bytes in
            guard let base = bytes.baseAddress else { return }
            getsockname(socket, base.assumingMemoryBound(to: sockaddr.self), &length)
        }
        // The port stands at the same place in an IPv4 and an IPv6 address.
        return withUnsafeBytes(of: storage) { UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self)) }
    }

    /// An address in digits.
    static func host(of address: UnsafePointer<sockaddr>) -> String? {
        let isIPv6 = Int32(address.pointee.sa_family) == AF_INET6
        let length = isIPv6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard getnameinfo(address, socklen_t(length), &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST) == 0 else {
            return nil
        }
        return host.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } }
    }
}
