import Glibc
import JSON
import Support

/// Writes lines to standard error. Each goes out by one system call, so that lines of several threads do not mix.
final class LogWriter: Sendable {
    enum Format: String, Sendable { case text, json }

    private let format: Format

    init(_ format: Format) { self.format = format }

    func write(_ level: Log.Level, _ message: String) {
        switch format {
        case .text: put("\(Self.now) \(level.name) \(message.sanitized)\n")
        case .json: put(object: [("time", Self.now), ("level", "\(level.name)"), ("message", message)])
        }
    }

    /// One request; `path` is the one that was asked for, without its query.
    func write(_ request: AccessRecord) {
        switch format {
        case .text:
            let duration = "\(Double(request.microseconds) / 1_000) ms"
            let words = "\(request.method) \(request.path.sanitized) \(request.code) \(duration) \(request.bytes) bytes"
            put("\(Self.now) info \(words) \(request.peer)\n")
        case .json:
            put(
                object: [
                    ("time", Self.now), ("level", "info"), ("message", "request"), ("method", request.method),
                    ("path", request.path), ("peer", request.peer),
                ],
                [("status", Int64(request.code)), ("duration_us", request.microseconds), ("bytes", Int64(request.bytes))])
        }
    }

    private func put(object texts: [(String, String)], _ numbers: [(String, Int64)] = []) {
        do throws(Failure) {
            var members: [(String, JSON)] = []
            for (name, text) in texts { members.append((name, try .string(text))) }
            for (name, number) in numbers { members.append((name, try .integer(number))) }
            put(try JSON.object(members).text() + "\n")
        } catch {}  // no memory for a line: the request it tells of matters more
    }

    private func put(_ line: String) {
        var line = line
        line.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// UTC, RFC 3339, milliseconds.
    private static var now: String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var parts = tm()
        gmtime_r(&time.tv_sec, &parts)
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        let date = [Int(parts.tm_year) + 1_900, Int(parts.tm_mon) + 1, Int(parts.tm_mday)]
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec]
        return date.map { padded($0, 2) }.joined(separator: "-") + "T" + clock.map { padded(Int($0), 2) }.joined(separator: ":")
            + "." + padded(time.tv_nsec / 1_000_000, 3) + "Z"
    }
}

/// What the access log tells of a request.
struct AccessRecord {
    let method: String
    let path: String
    let code: Int
    let microseconds: Int64
    /// Of the answer's body.
    let bytes: Int
    let peer: String
}

extension Log.Level {
    var name: StaticString {
        switch self {
        case .error: "error"
        case .warning: "warning"
        case .info: "info"
        case .debug: "debug"
        }
    }
}
