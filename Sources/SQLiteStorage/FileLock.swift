import CSQLite
import Glibc
import Support

/// Keeps the write-ahead log where it is while this process uses the file.
///
/// SQLite's last connection writes the log into the file and deletes it; it knows by a lock that it is the last. Its own locks
/// are POSIX locks: when any code of this process closes the file, the system drops all of them, and another process deletes the
/// log that is in use here. A lock of an open file description is not dropped, and it conflicts with that lock too:
/// fcntl(2), "Open file description locks"; sqlite.org/howtocorrupt.html, 2.2.
final class FileLock: Sendable {
    private let descriptor: Int32

    /// The file is in write-ahead mode already: nothing needs the exclusive lock any more but the end.
    convenience init(_ file: DatabaseFile) throws(Failure) {
        let descriptor = d360_open_to_lock(file.path)
        guard descriptor >= 0 else { throw .storage(file.path, errno: errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, FileID(status) == file.id else {
            Glibc.close(descriptor)
            throw .moved(file.path)
        }
        // Another process holds the exclusive lock for a moment while it deletes the log.
        let deadline = Deadline(in: .seconds(10))
        var code: Int32 = 0
        repeat {
            code = d360_lock_shared(descriptor) == 0 ? 0 : errno
            if code == EAGAIN || code == EACCES { usleep(1_000) }
        } while (code == EAGAIN || code == EACCES) && !deadline.hasPassed
        // Kernels that have no such locks answer EINVAL. There the check of each write remains.
        guard code == 0 || code == EINVAL else {
            Glibc.close(descriptor)
            throw code == EAGAIN || code == EACCES ? .locked(file.path) : .storage(file.path, errno: code)
        }
        self.init(descriptor)
    }

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Lets the last connection delete the log. Not in a child: the lock is the parent's too.
    func unlock() { _ = d360_unlock(descriptor) }

    /// After the connections were closed, as this drops their locks.
    func close() { Glibc.close(descriptor) }
}
