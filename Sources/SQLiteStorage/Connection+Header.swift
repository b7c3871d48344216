import CSQLite
import Support

extension Connection {
    /// Two numbers of the first 100 bytes of a database file: sqlite.org/fileformat.html, 1.3.
    struct Header {
        let applicationID: Int64
        let userVersion: Int64
    }

    /// Reads it as bytes, without locks: SQLite itself would read the pages as well.
    func header() throws(Failure) -> Header {
        var file: UnsafeMutablePointer<sqlite3_file>?
        guard sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK, let file,
            let read = file.pointee.pMethods?.pointee.xRead
        else { throw .fault("SQLite has no file for \(place)") }
        var bytes = [UInt8](repeating: 0, count: 100)
        let shortRead = SQLITE_IOERR | 2 << 8  // a macro that Swift cannot import
        let code = read(file, &bytes, Int32(bytes.count), 0)
        guard code == SQLITE_OK || code == shortRead else { throw .sqlite(code, place) }
        let isDatabase = bytes.starts(with: "SQLite format 3\0".utf8)
        func number(at offset: Int) -> Int64 {
            isDatabase ? Int64(Int32(bitPattern: bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) })) : 0
        }
        return Header(applicationID: number(at: 68), userVersion: number(at: 60))
    }
}
