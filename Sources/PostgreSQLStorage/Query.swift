import EmbeddedService

/// What a statement's parameter is.
enum Parameter {
    case integer(Int64)
    case text(String)
    case digest(KeyDigest)
    case boolean(Bool)
    case null

    static func optional(_ text: String?) -> Parameter { text.map { .text($0) } ?? .null }
    static func optional(_ number: Int64?) -> Parameter { number.map { .integer($0) } ?? .null }
    static func optional(_ digest: KeyDigest?) -> Parameter { digest.map { .digest($0) } ?? .null }
}

/// One statement with its parameters. PostgreSQL infers their types: where the text leaves one open, it has a cast.
struct Query {
    let sql: StaticString
    let values: [Parameter]

    init(_ sql: StaticString, _ values: Parameter...) {
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

    init(_ values: [Parameter]) {
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

    /// The arrays that libpq takes; nil where one parameter is longer than it can say.
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
