import CMicrohttpd
import Glibc

/// Tells systemd how far the daemon is. The protocol is one datagram to a socket that systemd names: sd_notify(3).
enum ServiceManager {
    static func notify(_ state: String) {
        guard let name = getenv("NOTIFY_SOCKET") else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array(String(cString: name).utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard !path.isEmpty, path.count < room else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { place in
            place.copyBytes(from: path)
            // An abstract socket's name begins with NUL, which the variable writes as "@".
            if path.first == UInt8(ascii: "@") { place.storeBytes(of: 0, as: UInt8.self) }
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
        let socket = Glibc.socket(AF_UNIX, Int32(D360_SOCKET_DATAGRAM), 0)
        guard socket >= 0 else { return }
        defer { close(socket) }
        withUnsafeBytes(of: address) { bytes in
            guard let base = bytes.baseAddress else { return }
            _ = sendto(socket, state, state.utf8.count, 0, base.assumingMemoryBound(to: sockaddr.self), length)
        }
    }
}
