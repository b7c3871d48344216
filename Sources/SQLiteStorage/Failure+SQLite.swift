import CSQLite
import Glibc
import Support

extension Failure {
    /// Explains SQLite's result code and says what to do about it. `code` may be an extended one.
    static func sqlite(_ code: Int32, _ place: String) -> Failure {
        switch code & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL: .locked(place)
        case SQLITE_FULL: storage("\(place) cannot grow: free space on its disk, then try again")
        case SQLITE_NOMEM: .outOfMemory
        case SQLITE_IOERR where code == ioErrorForWantOfMemory: .outOfMemory
        case SQLITE_IOERR: storage("reading or writing \(place) failed (\(reason(code))): check its disk")
        case SQLITE_CORRUPT: storage("\(place) is damaged: restore it from a backup")
        case SQLITE_NOTADB: storage("\(place) is not a database of this library: name another file")
        case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
            storage("\(place) cannot be written: check the permissions of the file and of its folder")
        case SQLITE_CANTOPEN:
            storage("\(place) cannot be opened: check that its folder exists, and the permissions of both")
        case SQLITE_TOOBIG: storage("the configuration is too large for \(place)")
        default: storage("\(place): \(reason(code)) (SQLite's result code \(code))")
        }
    }

    static func moved(_ place: String) -> Failure {
        storage("the database file was moved or deleted: \(place) is another file now or is gone; open it again")
    }

    /// After a failed system call; reads errno.
    static func storage(_ place: String, errno code: Int32) -> Failure {
        storage("\(place) cannot be opened: \(String(cString: strerror(code)))")
    }

    private static func reason(_ code: Int32) -> String { String(cString: sqlite3_errstr(code)) }

    /// Extended codes are macros that Swift does not import.
    private static let ioErrorForWantOfMemory = SQLITE_IOERR | (12 << 8)
    static let ioErrorInSync = SQLITE_IOERR | (4 << 8)
}
