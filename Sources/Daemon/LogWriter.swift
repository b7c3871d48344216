import Glibc
import JSON
import Support
import Synchronization

/// Writes lines to standard error, which may be a pipe that nobody reads: a thread of its own writes what a bounded buffer
/// holds, and lines that do not fit are dropped and counted. Nobody waits for it.
final class LogWriter: Sendable {
    enum Format: String, Sendable { case text, json }

    /// Bytes that may wait to be written.
    private static let capacity = 1_048_576

    private struct Buffer {
        var lines: [String] = []
        var bytes = 0
        var isWriting = false
    }

    private let format: Format
    private let buffer = Locked(Buffer())
    private let dropped = Atomic<Int64>(0)

    init(_ format: Format) throws(Failure) {
        self.format = format
        let thread = Thread { [self] in
            while true { writeLines() }
        }
        guard let thread else { throw Failure(.internalError, "cannot create a thread") }
        thread.detach()
    }

    var droppedLines: Int64 { dropped.load(ordering: .relaxed) }

    /// Waits until everything is written, or `span` passes.
    func flush(atMost span: Duration) {
        _ = buffer.wait(atMost: span) { $0.lines.isEmpty && !$0.isWriting ? true : nil }
    }

    func write(_ level: Log.Level, _ message: String) {
        switch format {
        case .text: put("\(Self.now) \(level) \(message.sanitized)\n")
        case .json: put(object: [("time", Self.now), ("level", "\(level)"), ("message", message)])
        }
    }

    /// Writes one request; its path has no query.
    func write(_ request: AccessRecord) {
        switch format {
        case .text:
            let duration = "\(Double(request.microseconds) / 1_000) ms"
            let line = "\(request.method) \(request.path.sanitized) \(request.status) \(duration) \(request.bytes) bytes"
            put("\(Self.now) info \(line) \(request.peer)\n")
        case .json:
            put(
                object: [
                    ("time", Self.now), ("level", "info"), ("message", "request"), ("method", request.method),
                    ("path", request.path), ("peer", request.peer),
                ],
                [("status", Int64(request.status)), ("duration_us", request.microseconds), ("bytes", Int64(request.bytes))])
        }
    }

    private func put(object texts: [(String, String)], _ numbers: [(String, Int64)] = []) {
        do throws(Failure) {
            var members: [(String, JSON)] = []
            for (name, text) in texts { members.append((name, try .string(text))) }
            for (name, number) in numbers { members.append((name, try .integer(number))) }
            put(try JSON.object(members).text() + "\n")
        } catch { dropped.add(1, ordering: .relaxed) }
    }

    private func put(_ line: String) {
        let isKept = buffer.withLock { buffer in
            guard buffer.bytes + line.utf8.count <= Self.capacity else { return false }
            buffer.lines.append(line)
            buffer.bytes += line.utf8.count
            return true
        }
        if isKept { buffer.notifyAll() } else { dropped.add(1, ordering: .relaxed) }
    }

    private func writeLines() {
        let lines: [String]? = buffer.wait(atMost: .seconds(60)) { buffer in
            guard !buffer.lines.isEmpty else { return nil }
            defer { buffer = Buffer(isWriting: true) }
            return buffer.lines
        }
        for var line in lines ?? [] {
            let isWritten = line.withUTF8 { Self.write($0) }
            if !isWritten { dropped.add(1, ordering: .relaxed) }
        }
        buffer.withLock { $0.isWriting = false }
        buffer.notifyAll()
    }

    /// One system call if the reader keeps up, so that lines of several processes do not mix.
    private static func write(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var rest = UnsafeRawBufferPointer(bytes)[...]
        while !rest.isEmpty {
            let count = Glibc.write(STDERR_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var waiting = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
                poll(&waiting, 1, -1)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    /// UTC, RFC 3339, milliseconds.
    private static var now: String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var parts = tm()
        gmtime_r(&time.tv_sec, &parts)
        var text = [CChar](repeating: 0, count: 24)
        let length = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S.", &parts)
        let seconds = String(decoding: text.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return seconds + String(1_000 + time.tv_nsec / 1_000_000).dropFirst() + "Z"
    }
}

/// One request in the access log.
struct AccessRecord {
    let method: String
    let path: String
    let status: Int
    let microseconds: Int64
    /// Length of the answer's body.
    let bytes: Int
    let peer: String
}
