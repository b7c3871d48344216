import CSQLite

extension SQLiteStorage {
    /// Switches SQLite's memory statistics off for the whole process: they take a lock at each allocation. Only a program that
    /// owns the process may do that, before it opens the first database.
    package static func disableMemoryStatistics() { _ = d360_sqlite_keep_no_statistics() }
}
