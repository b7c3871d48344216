import CSQLite
import Glibc
import Support

/// Tells one file from another by what SQLite's table of locks goes by. Several paths may lead to one file.
struct FileID: Hashable {
    let device: dev_t
    let inode: ino_t

    init(_ status: stat) {
        device = status.st_dev
        inode = status.st_ino
    }

    /// Of the file that has this path now; nil if there is none.
    init?(of path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }
}

/// A database file, and how a connection to it is made.
struct DatabaseFile {
    /// Bytes of the smallest database: one page.
    private static let smallest = 512

    /// Absolute; taken literally.
    let path: String
    let id: FileID

    /// Finds the file, or creates it empty. Never opens it: closing a descriptor of our own would drop the locks that
    /// SQLite holds on the file for this process: sqlite.org/howtocorrupt.html, 2.2.
    init(_ path: String) throws(Failure) {
        let path = try Self.absolute(path)
        // mknod(2) makes a regular file without opening it.
        let made = mknod(path, mode_t(Glibc.S_IFREG) | 0o600, 0)
        let code = errno
        guard made == 0 || code == EEXIST else { throw .storage(path, errno: code) }
        var status = stat()
        guard stat(path, &status) == 0 else { throw .storage(path, errno: errno) }
        guard status.st_mode & mode_t(Glibc.S_IFMT) == S_IFREG else { throw .storage("\(path) is not a regular file") }
        // The log and its index get the mode of the file from SQLite.
        if status.st_size == 0, status.st_mode & 0o7777 != 0o600, chmod(path, 0o600) != 0 { throw .storage(path, errno: errno) }
        // The log lies in the folder, so outside such a mount.
        guard d360_is_mount(path) == 0 else {
            throw .storage("\(path) is a mount of its own, so its write-ahead log would be lost: mount its folder instead")
        }
        self.path = path
        id = FileID(status)
    }

    /// Throws if the path does not lead to this file any more, or if the log of the connection was deleted: what is written
    /// then is lost.
    func checkIsInPlace(logOf connection: Connection) throws(Failure) {
        guard isInPlace, let log = connection.log, FileID(of: log.path) == log.id else { throw .moved(path) }
    }

    var isInPlace: Bool { FileID(of: path) == id }

    func connect(_ call: Call?, until deadline: Deadline) throws(Failure) -> Connection {
        guard isInPlace else { throw .moved(path) }
        try inspect()
        let connection = try Connection(path, SQLITE_OPEN_READWRITE, place: path)
        do throws(Failure) {
            try configure(connection, call, deadline)
        } catch {
            // It may be another program's or a newer version's: what is in its log stays there.
            connection.close(keepingLog: true)
            throw error
        }
        return connection
    }

    private func configure(_ connection: Connection, _ call: Call?, _ deadline: Deadline) throws(Failure) {
        connection.begin(call, until: deadline)
        guard isInPlace else { throw .moved(path) }
        guard !connection.isReadOnly else { throw .sqlite(SQLITE_READONLY, path) }
        try connection.execute("PRAGMA synchronous = FULL")
        // KiB, taken as needed: the inner pages of a million channels stay there. SQLite's own 2 MiB lose them.
        try connection.execute("PRAGMA cache_size = -6144")
        try Schema.current.prepare(connection)
        try switchToLog(connection, deadline)
        connection.findLog()
    }

    /// Write-ahead logging is a property of the file; only its first connection has to switch. SQLite does not wait for
    /// others' locks there.
    private func switchToLog(_ connection: Connection, _ deadline: Deadline) throws(Failure) {
        while true {
            do throws(Failure) {
                let mode = try connection.first("PRAGMA journal_mode = WAL") { $0.text(0) }
                if mode == "wal" { return }
                throw .storage("\(path) is on a file system that cannot share memory between processes: put it on a local disk")
            } catch {
                guard error.retryable, !deadline.hasPassed else { throw error }
                usleep(5_000)
            }
        }
    }

    /// Throws if the file must not be opened for writing. As an immutable one it is read without locks, logs and journals, and
    /// nothing is written, even if it belongs to another program. `Schema.prepare` sees what is in the log instead.
    private func inspect() throws(Failure) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .storage(path, errno: errno) }
        guard status.st_size > 0 else { return }
        // SQLite takes a file of one byte for an empty one, and would fill it.
        guard status.st_size >= Self.smallest else { throw .sqlite(SQLITE_NOTADB, path) }
        let connection = try Connection(
            "file://\(PercentEncoding.encode(path) { $0 == UInt8(ascii: "/") || PercentEncoding.isUnreserved($0) })?immutable=1",
            SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, place: path)
        defer { connection.close() }
        // Only the header is taken for true: while another process writes, or after it was killed, the pages and their
        // number need not agree before the locks are taken and the journal is rolled back.
        let header = try connection.header()
        if header.applicationID == Schema.applicationID {
            if header.userVersion > Schema.current.version { throw Schema.newer(path) }
            return
        }
        guard try Schema.current.installedVersion(connection) == 0 else { return }
        for suffix in ["-wal", "-journal"] where stat(path + suffix, &status) == 0 && status.st_size > 0 {
            throw .storage("\(path) is in use by another program and was not changed: name another file")
        }
    }

    private static func absolute(_ path: String) throws(Failure) -> String {
        if path.utf8.first == UInt8(ascii: "/") { return path }
        guard let folder = getcwd(nil, 0) else { throw .storage(path, errno: errno) }
        defer { free(folder) }
        return "\(String(cString: folder))/\(path)"
    }
}

extension Connection {
    /// Two numbers of the first 100 bytes of a database file: sqlite.org/fileformat.html, 1.3.
    fileprivate struct Header {
        let applicationID: Int64
        let userVersion: Int64
    }

    /// Reads it as bytes, without locks: SQLite itself would read the pages as well.
    fileprivate func header() throws(Failure) -> Header {
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
