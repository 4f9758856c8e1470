#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The mark that somebody writes into a folder of archives: the folder itself, locked. So there is no file that would be taken for
/// an archive. It goes with the process, however that ends.
final class ArchiveLock {
    private let descriptor: Int32

    /// - Throws: ``StoreError``: `busy` if somebody else has it, `unavailable` if there is no such folder.
    init(folder: String) throws(StoreError) {
        descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreError(.unavailable, "\(folder): \(String(cString: strerror(errno)))") }
        // A file system without such locks has none; who comes second is refused by the store then, once its first file is written.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
            throw StoreError(.busy, "\(folder): another nightjar archive or restore writes into it; nothing was changed, start again when it has ended")
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
