/// The state of one exchange, which libcurl's callbacks change.
struct Received {
    private let limit: Int
    private let maySendTwice: Bool
    private(set) var body: [UInt8] = []
    private(set) var isTooLong = false
    /// The blank line after the headers was seen. libcurl takes headers that are cut for a response without a body.
    private(set) var hasHeaders = false
    private var isInterim = false
    /// How often a connection was ready and the request about to be written.
    private var sendings = 0
    /// Bytes were there before the request was sent.
    private(set) var hasUnaskedBytes = false
    /// The response was there before the request was sent, which it was all the same.
    private(set) var cameTooEarly = false

    /// libcurl would have sent a request again that must not be.
    var wasStoppedBeforeRepetition: Bool { sendings > 1 && !maySendTwice }
    var wasSent: Bool { sendings > 0 }

    init(limit: Int, maySendTwice: Bool) {
        self.limit = limit
        self.maySendTwice = maySendTwice
    }

    /// False ends the exchange.
    mutating func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        isTooLong = bytes.count > limit - body.count
        if !isTooLong { body.append(contentsOf: bytes) }
        return !isTooLong
    }

    /// Returns the body: an idle handle holds no memory of a response.
    mutating func takeBody() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &body)
        return taken
    }

    mutating func rejectEarlyResponse() { cameTooEarly = true }

    /// A line that begins with "HTTP/" behind the headers is a trailer.
    mutating func addHeader(_ line: UnsafeRawBufferPointer) {
        guard !hasHeaders else { return }
        if line.starts(with: "HTTP/".utf8) {
            let status = line.drop { $0 != UInt8(ascii: " ") }.dropFirst()
            isInterim = status.first == UInt8(ascii: "1")
        } else if line.count <= 2, let first = line.first, first == 0x0D || first == 0x0A {
            hasHeaders = !isInterim
        }
    }

    /// The last moment before the request is written. False ends the exchange.
    mutating func maySend(_ bytesAreWaiting: Bool) -> Bool {
        if wasSent && !maySendTwice {
            sendings += 1
            return false
        }
        hasUnaskedBytes = bytesAreWaiting
        if !hasUnaskedBytes { sendings += 1 }
        return !hasUnaskedBytes
    }
}
