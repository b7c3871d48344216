import CPostgreSQL
import EmbeddedService
import Support

/// One statement with its parameters. PostgreSQL infers their types: where the text leaves one open, it has a cast.
struct Query {
    let sql: StaticString
    let values: [SQLValue]

    init(_ sql: StaticString, _ values: SQLValue...) {
        self.sql = sql
        self.values = values
    }

    static let begin = Query("BEGIN")
    static let commit = Query("COMMIT")
    static let rollBack = Query("ROLLBACK")
}

/// Parameters in PostgreSQL's binary format, one after another.
struct Parameters {
    /// Never empty: a base address of NULL would make NULL of an empty text.
    private var bytes: [UInt8] = [0]
    /// Nil: NULL.
    private var ranges: [Range<Int>?] = []

    init(_ values: [SQLValue]) {
        for value in values {
            let start = bytes.count
            switch value {
            case .integer(let number): withUnsafeBytes(of: number.bigEndian) { bytes += $0 }
            case .text(let text): bytes += text.utf8
            case .digest(let digest): digest.withBytes { bytes += $0 }
            case .boolean(let truth): bytes.append(truth ? 1 : 0)
            case .null:
                ranges.append(nil)
                continue
            }
            ranges.append(start..<bytes.count)
        }
    }

    typealias Arrays = (count: Int32, pointers: [UnsafePointer<CChar>?], lengths: [Int32], formats: [Int32])

    /// The arrays that libpq takes; nil if a parameter is too long for libpq.
    func withArrays<Result>(_ body: (Arrays) -> Result) -> Result? {
        let lengths = ranges.map { Int32(exactly: $0?.count ?? 0) ?? -1 }
        if lengths.contains(-1) { return nil }
        return bytes.withUnsafeBytes { all in
            let pointers = ranges.map { range in
                range.flatMap { all.baseAddress?.advanced(by: $0.lowerBound).assumingMemoryBound(to: CChar.self) }
            }
            return body((Int32(ranges.count), pointers, lengths, [Int32](repeating: 1, count: ranges.count)))
        }
    }
}

/// The rows that one statement answered, in PostgreSQL's binary format.
final class Rows {
    private let result: OpaquePointer

    /// Takes over `result`.
    init(_ result: OpaquePointer) { self.result = result }

    deinit { PQclear(result) }

    var count: Int32 { PQntuples(result) }
    var isEmpty: Bool { count == 0 }

    /// Columns are numbered from 0. Nil is NULL, or a row that is not there.
    func integer(_ column: Int32, _ row: Int32 = 0) -> Int64? {
        guard let bytes = bytes(column, row), bytes.count <= 8 else { return nil }
        // int2, int4 and int8 alike.
        guard let first = bytes.first else { return nil }
        return bytes.dropFirst().reduce(Int64(Int8(bitPattern: first))) { $0 << 8 | Int64($1) }
    }

    func boolean(_ column: Int32, _ row: Int32 = 0) -> Bool? { bytes(column, row)?.first.map { $0 != 0 } }

    func text(_ column: Int32, _ row: Int32 = 0) -> String? { bytes(column, row).map { String(decoding: $0, as: UTF8.self) } }

    /// There may be many rows: a cancel ends it.
    func map<Element>(_ call: Call, _ element: (Rows, Int32) -> Element) throws(Failure) -> [Element] {
        var elements: [Element] = []
        for row in 0..<count {
            if row % 1_024 == 0 && call.isCancelled { throw .cancelled }
            elements.append(element(self, row))
        }
        return elements
    }

    private func bytes(_ column: Int32, _ row: Int32) -> UnsafeRawBufferPointer? {
        guard row < count, PQgetisnull(result, row, column) == 0 else { return nil }
        return UnsafeRawBufferPointer(start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
    }
}
