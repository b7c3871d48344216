import CMicrohttpd
import Glibc
import Support

/// One address to listen on.
struct ListenAddress {
    private var storage: sockaddr_storage
    private let length: socklen_t

    /// All addresses of `HOST:PORT` or `[IPv6]:PORT`; without a host, all addresses of the machine, of both families.
    static func all(of text: String) throws(Failure) -> [ListenAddress] {
        let bytes = Array(text.utf8)
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")),
            let port = UInt16(String(decoding: bytes[(colon + 1)...], as: UTF8.self))
        else { throw Failure(.invalidArgument, "--listen \(quoted(text)) is not HOST:PORT") }
        var host = bytes[..<colon]
        if host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]") { host = host.dropFirst().dropLast() }
        var hints = addrinfo()
        hints.ai_socktype = Int32(D360_STREAM)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let name = host.isEmpty ? nil : String(decoding: host, as: UTF8.self)
        let code = getaddrinfo(name, String(port), &hints, &found)
        guard code == 0 else {
            throw Failure(.invalidArgument, "--listen \(quoted(text)): \(String(cString: gai_strerror(code)))")
        }
        defer { freeaddrinfo(found) }
        var addresses: [ListenAddress] = []
        var next = found?.pointee
        while let entry = next {
            if let address = entry.ai_addr {
                let listed = ListenAddress(address, entry.ai_addrlen)
                if !addresses.contains(where: { $0.host == listed.host }) { addresses.append(listed) }
            }
            next = entry.ai_next?.pointee
        }
        return addresses
    }

    /// Sockets that listen, on one port; an address that this machine does not have is left out if it has another one.
    static func listen(on addresses: [ListenAddress], named text: String) throws(Failure) -> [Int32] {
        for attempt in 1... {
            var listening: [Int32] = []
            var port: UInt16?
            var failed: (address: ListenAddress, code: Int32)?
            for address in addresses {
                let address = port.map { address.with(port: $0) } ?? address
                let (socket, code) = address.listen(isAlone: addresses.count == 1)
                if let socket {
                    listening.append(socket)
                    port = Self.port(of: socket)
                } else if failed == nil || code != EAFNOSUPPORT && code != EADDRNOTAVAIL {
                    failed = (address, code)
                }
            }
            guard let (address, code) = failed else { return listening }
            let isMissing = code == EAFNOSUPPORT || code == EADDRNOTAVAIL
            if isMissing && !listening.isEmpty { return listening }
            for socket in listening { close(socket) }
            // The port that the first address got may be taken on another one.
            if code == EADDRINUSE && addresses.first?.port == 0 && attempt < 20 { continue }
            let place = addresses.count > 1 ? "\(text) (\(address.host))" : text
            throw Failure(.invalidArgument, "cannot listen on \(place): \(String(cString: strerror(code)))")
        }
        return []
    }

    private init(_ address: UnsafePointer<sockaddr>, _ length: socklen_t) {
        storage = sockaddr_storage()
        self.length = length
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: min(Int(length), $0.count)))
        }
    }

    /// Nil and errno if it cannot.
    private func listen(isAlone: Bool) -> (socket: Int32?, code: Int32) {
        let listening = socket(Int32(storage.ss_family), Int32(D360_SOCKET_LISTEN), 0)
        guard listening >= 0 else { return (nil, errno) }
        var yes: Int32 = 1
        setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        // Alone, "::" takes the IPv4 addresses too; else they have a socket of their own.
        if isIPv6 && !isAlone {
            setsockopt(listening, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes, socklen_t(MemoryLayout<Int32>.size))
        }
        guard withAddress({ bind(listening, $0, length) }) == 0, Glibc.listen(listening, 4_096) == 0 else {
            let code = errno
            close(listening)
            return (nil, code)
        }
        return (listening, 0)
    }

    private func withAddress<Result>(_ body: (UnsafePointer<sockaddr>) -> Result) -> Result {
        withUnsafePointer(to: storage) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) } }
    }

    private var isIPv6: Bool { Int32(storage.ss_family) == AF_INET6 }

    /// The port has the same place in an IPv4 and an IPv6 address.
    private var port: UInt16 { withUnsafeBytes(of: storage) { UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self)) } }

    private func with(port: UInt16) -> ListenAddress {
        var address = self
        withUnsafeMutableBytes(of: &address.storage) { $0.storeBytes(of: port.bigEndian, toByteOffset: 2, as: UInt16.self) }
        return address
    }

    private var host: String { withAddress { Self.host(of: $0) } ?? "" }

    /// 127.0.0.0/8 or ::1.
    var isLoopback: Bool {
        withUnsafeBytes(of: storage) { bytes in
            if !isIPv6 { return bytes[4] == 127 }
            return bytes[8..<23].allSatisfy { $0 == 0 } && bytes[23] == 1
        }
    }
}

extension ListenAddress {
    /// The address that a socket got.
    private static func bound(to socket: Int32) -> ListenAddress {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                getsockname(socket, address, &length)
                return ListenAddress(address, length)
            }
        }
    }

    static func port(of socket: Int32) -> UInt16 { bound(to: socket).port }

    /// `127.0.0.1:8360` or `[::1]:8360`
    static func text(of socket: Int32) -> String {
        let address = bound(to: socket)
        return (address.isIPv6 ? "[\(address.host)]" : address.host) + ":\(address.port)"
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
