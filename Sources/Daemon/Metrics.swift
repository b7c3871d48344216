import Synchronization

/// The numbers of `/metrics`. They are counted without locks, from any thread.
final class Metrics: Sendable {
    private static let codes = [200, 400, 401, 404, 405, 409, 413, 415, 500, 503]
    /// Upper bounds in microseconds, and as the text shows them.
    private static let bounds: [(microseconds: Int64, seconds: String)] = [
        (250, "0.00025"), (500, "0.0005"), (1_000, "0.001"), (2_500, "0.0025"), (5_000, "0.005"), (10_000, "0.01"),
        (25_000, "0.025"), (50_000, "0.05"), (100_000, "0.1"), (250_000, "0.25"), (500_000, "0.5"), (1_000_000, "1"),
        (2_500_000, "2.5"), (5_000_000, "5"), (10_000_000, "10"),
    ]

    private final class Counter: Sendable {
        private let count = Atomic<Int64>(0)
        var value: Int64 { count.load(ordering: .relaxed) }
        func add(_ number: Int64) { count.wrappingAdd(number, ordering: .relaxed) }
    }

    /// Of one operation.
    private final class Series: Sendable {
        let operation: String
        let codes: [Counter]
        let buckets: [Counter]
        let microseconds = Counter()

        init(_ operation: String) {
            self.operation = operation
            codes = Metrics.codes.map { _ in Counter() }
            // The last is for what takes longer than every bound.
            buckets = (0...Metrics.bounds.count).map { _ in Counter() }
        }
    }

    private let series: [Series]
    private let other = Series("other")
    private let storageErrors = Counter()
    private let connections = Counter()
    private let log: LogWriter

    /// `operations` are the names of the endpoints. `log` knows how many lines it dropped.
    init(operations: [String], log: LogWriter) {
        series = operations.map(Series.init)
        self.log = log
    }

    /// Counts a request under one of the operations, or under "other" if no endpoint answers it.
    func count(_ operation: String?, code: Int, microseconds: Int64) {
        let series = series.first { $0.operation == operation } ?? other
        guard let code = Self.codes.firstIndex(of: code) else { return }
        series.codes[code].add(1)
        series.microseconds.add(microseconds)
        let bucket = Self.bounds.firstIndex { microseconds <= $0.microseconds } ?? Self.bounds.count
        series.buckets[bucket].add(1)
    }

    func countStorageError() { storageErrors.add(1) }
    func connectionOpened() { connections.add(1) }
    func connectionClosed() { connections.add(-1) }

    /// Prometheus' text format, version 0.0.4.
    func text() -> String {
        let all = (series + [other]).map { ("\($0.operation)", $0) }.sorted { $0.0 < $1.0 }
        var text = head("d360_requests_total", "counter", "Requests answered, by operation and HTTP status.")
        for (operation, series) in all {
            for (code, counter) in zip(Self.codes, series.codes) where counter.value > 0 {
                text += "d360_requests_total{operation=\"\(operation)\",code=\"\(code)\"} \(counter.value)\n"
            }
        }
        text += head(
            "d360_request_duration_seconds", "histogram", "From a request's head to the end of its answer, by operation.")
        for (operation, series) in all {
            var total: Int64 = 0
            for (bound, counter) in zip(Self.bounds.map(\.seconds) + ["+Inf"], series.buckets) {
                total += counter.value
                text += "d360_request_duration_seconds_bucket{operation=\"\(operation)\",le=\"\(bound)\"} \(total)\n"
            }
            text += "d360_request_duration_seconds_sum{operation=\"\(operation)\"} \(Self.seconds(series.microseconds.value))\n"
            text += "d360_request_duration_seconds_count{operation=\"\(operation)\"} \(total)\n"
        }
        for (name, type, help, value) in [
            ("storage_errors_total", "counter", "Requests that the storage failed.", storageErrors.value),
            ("connections", "gauge", "Connections that are open now.", connections.value),
            ("log_lines_dropped_total", "counter", "Log lines that standard error did not take in time.", log.droppedLines),
        ] { text += head("d360_\(name)", type, help) + "d360_\(name) \(value)\n" }
        return text
    }

    private func head(_ name: String, _ type: String, _ help: String) -> String {
        "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private static func seconds(_ microseconds: Int64) -> String {
        let fraction = String(microseconds % 1_000_000)
        return "\(microseconds / 1_000_000)." + String(repeating: "0", count: 6 - fraction.utf8.count) + fraction
    }
}
