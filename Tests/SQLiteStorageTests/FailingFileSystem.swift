import CSQLite
import Glibc
import Synchronization

/// SQLite's file system with one write or sync of one thread failing, the nth from now; other threads do not notice.
enum FailingFileSystem {
    enum Fault: Int32, CaseIterable, Sendable {
        case diskIsFull = 13
        case writeFails = 778  // SQLITE_IOERR_WRITE
        case syncFails = 1034  // SQLITE_IOERR_FSYNC
    }

    /// Runs `body` with the nth such call failing; false: there were fewer.
    static func failing(_ nth: Int, _ fault: Fault, _ body: () throws -> Void) rethrows -> Bool {
        install
        Self.fault.store(fault.rawValue, ordering: .relaxed)
        left.store(nth, ordering: .relaxed)
        thread.store(pthread_self(), ordering: .releasing)
        defer { thread.store(0, ordering: .releasing) }
        try body()
        return left.load(ordering: .relaxed) <= 0
    }

    private static let thread = Atomic<UInt>(0)
    private static let left = Atomic<Int>(0)
    private static let fault = Atomic<Int32>(0)

    /// SQLite's result code, if this call is the one.
    private static func failure(sync: Bool) -> Int32? {
        guard thread.load(ordering: .acquiring) == pthread_self() else { return nil }
        let code = fault.load(ordering: .relaxed)
        guard sync == (code == Fault.syncFails.rawValue) else { return nil }
        return left.subtract(1, ordering: .relaxed).newValue == 0 ? code : nil
    }

    private nonisolated(unsafe) static var original = sqlite3_vfs()
    private nonisolated(unsafe) static var write:
        (@convention(c) (UnsafeMutablePointer<sqlite3_file>?, UnsafeRawPointer?, Int32, sqlite3_int64) -> Int32)?
    private nonisolated(unsafe) static var sync: (@convention(c) (UnsafeMutablePointer<sqlite3_file>?, Int32) -> Int32)?
    private nonisolated(unsafe) static let lock = { () -> UnsafeMutablePointer<pthread_mutex_t> in
        let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        return lock
    }()
    /// Methods of SQLite's own, and the same with a write and a sync that may fail.
    private nonisolated(unsafe) static var methods: [UnsafePointer<sqlite3_io_methods>: UnsafePointer<sqlite3_io_methods>] = [:]

    private static let install: Void = {
        guard let found = sqlite3_vfs_find(nil) else { return }
        original = found.pointee
        let made = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        made.initialize(to: original)
        made.pointee.zName = UnsafePointer(strdup("failing"))
        made.pointee.xOpen = { vfs, name, file, flags, out in
            let code = FailingFileSystem.original.xOpen?(vfs, name, file, flags, out) ?? SQLITE_ERROR
            if let file, let own = file.pointee.pMethods { file.pointee.pMethods = FailingFileSystem.wrapped(own) }
            return code
        }
        sqlite3_vfs_register(made, 1)
    }()

    private static func wrapped(_ own: UnsafePointer<sqlite3_io_methods>) -> UnsafePointer<sqlite3_io_methods> {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        if let known = methods[own] { return known }
        write = own.pointee.xWrite
        sync = own.pointee.xSync
        let made = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        made.initialize(to: own.pointee)
        made.pointee.xWrite = { file, bytes, count, offset in
            FailingFileSystem.failure(sync: false) ?? FailingFileSystem.write?(file, bytes, count, offset) ?? SQLITE_ERROR
        }
        made.pointee.xSync = { file, flags in
            FailingFileSystem.failure(sync: true) ?? FailingFileSystem.sync?(file, flags) ?? SQLITE_ERROR
        }
        methods[own] = UnsafePointer(made)
        return UnsafePointer(made)
    }
}
