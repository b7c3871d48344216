import Glibc
import Support

/// A small file that was named on the command line, read as a whole.
struct TextFile {
    let path: String
    let text: String
    /// Users other than its owner may read it.
    let isReadableByOthers: Bool

    /// `most` bytes at most.
    init(_ path: String, most: Int) throws(Failure) {
        self.path = path
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure("\(path) cannot be opened", errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure("\(path) cannot be read", errno) }
        isReadableByOthers = status.st_mode & 0o077 != 0
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw Self.failure("\(path) cannot be read", errno) }
            if count == 0 { break }
            bytes += buffer.prefix(count)
            guard bytes.count <= most else { throw Failure(.invalidArgument, "\(path) is over \(most) bytes") }
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }  // a byte order mark
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(.invalidArgument, "\(path) is not UTF-8")
        }
        self.text = text
    }

    /// Writes `text` to `path` as a whole: nobody reads half of it.
    static func write(_ text: String, to path: String) throws(Failure) {
        let temporary = "\(path).\(getpid())"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure("\(path) cannot be written", errno) }
        var text = text
        let isWritten = text.withUTF8 { Glibc.write(descriptor, $0.baseAddress, $0.count) == $0.count }
        close(descriptor)
        guard isWritten, rename(temporary, path) == 0 else {
            let code = errno
            unlink(temporary)
            throw failure("\(path) cannot be written", code)
        }
    }

    private static func failure(_ what: String, _ code: Int32) -> Failure {
        Failure(.invalidArgument, "\(what): \(String(cString: strerror(code)))")
    }
}
