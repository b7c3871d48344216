import CPostgreSQL
import Support

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

    /// As many rows as there may be: a cancel ends it.
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
