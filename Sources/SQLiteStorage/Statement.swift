import CSQLite
import EmbeddedService

/// One prepared statement; finalized with its last reference, before its connection closes.
final class Statement {
    private let handle: OpaquePointer

    /// Takes over `handle`.
    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { sqlite3_finalize(handle) }

    /// The first parameter is number 1. Returns SQLite's result code.
    func bind(_ index: Int32, _ value: SQLValue) -> Int32 {
        switch value {
        case .integer(let number): return sqlite3_bind_int64(handle, index, number)
        case .boolean(let truth): return sqlite3_bind_int64(handle, index, truth ? 1 : 0)
        case .null: return sqlite3_bind_null(handle, index)
        case .digest(let digest):
            return digest.withBytes { d360_sqlite_bind_blob(handle, index, $0.baseAddress, Int32(KeyDigest.byteCount)) }
        case .text(var text):
            return text.withUTF8 { bytes in
                guard let count = Int32(exactly: bytes.count) else { return SQLITE_TOOBIG }
                return bytes.withMemoryRebound(to: CChar.self) {
                    // A base address of NULL would bind NULL, not the empty text.
                    $0.isEmpty
                        ? d360_sqlite_bind_text(handle, index, "", 0)
                        : d360_sqlite_bind_text(handle, index, $0.baseAddress, count)
                }
            }
        }
    }

    func step() -> Int32 { sqlite3_step(handle) }

    /// Ends the statement's read and forgets what was bound.
    func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    /// Columns of the row that `step` came to; the first is number 0. Nil is NULL.
    func integer(_ column: Int32) -> Int64? {
        sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : sqlite3_column_int64(handle, column)
    }

    func digest(_ column: Int32) -> KeyDigest? {
        guard let bytes = sqlite3_column_blob(handle, column) else { return nil }
        return KeyDigest(UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(handle, column))))
    }

    func text(_ column: Int32) -> String? {
        guard let bytes = sqlite3_column_text(handle, column) else { return nil }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }
}
