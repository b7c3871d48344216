import Crypto
import Support

/// The token that `Authorization: Bearer` must carry on `/admin`.
struct AdminToken: Sendable {
    private let token: [UInt8]

    /// A file that holds the token and nothing else; a newline at its end does not belong to it.
    init(file: TextFile) throws(Failure) {
        var bytes = Array(file.text.utf8)
        if bytes.last == 0x0A { bytes.removeLast() }
        if bytes.last == 0x0D { bytes.removeLast() }
        guard !bytes.isEmpty, bytes.allSatisfy({ $0 >= 0x21 && $0 <= 0x7E }) else {
            throw Failure(.invalidArgument, "\(file.path) must hold one token of visible ASCII characters, and nothing else")
        }
        token = bytes
    }

    /// Takes as long for a wrong token as for the right one of its length. The scheme's case does not matter: RFC 9110, 11.1.
    func isIn(_ authorization: String) -> Bool {
        let scheme = "bearer "
        let bytes = Array(authorization.utf8)
        guard bytes.prefix(scheme.utf8.count).elementsEqual(scheme.utf8, by: { $0 | 0x20 == $1 | 0x20 }) else { return false }
        let given = Array(bytes.dropFirst(scheme.utf8.count))
        return isEqualInConstantTime(given, token)
    }
}
