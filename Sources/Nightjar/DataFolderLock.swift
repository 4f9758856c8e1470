import Foundation

/// The mark that a data folder is in use: `server.lock` in the folder, locked and holding the process's number. The lock goes
/// with the process, however it ends; the file stays.
final class DataFolderLock: Sendable {
    static let fileName = "server.lock"

    static func path(in folder: String) -> String { folder + "/" + fileName }

    private let descriptor: CInt

    /// Takes the lock or tells who has it. The folder must exist.
    init(folder: String) throws(CommandFailure) {
        let path = Self.path(in: folder)
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailure(
                code: "data_dir",
                description: "the data folder \(folder) cannot be used: \(path): \(Self.reason). Mend its rights, or give another with --data-dir.")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            let reason = Self.reason
            var text = [UInt8](repeating: 0, count: 32)
            let count = max(0, pread(descriptor, &text, text.count, 0))
            let owner = Int(String(decoding: text[..<count], as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
            close(descriptor)
            guard number == EWOULDBLOCK else {
                throw CommandFailure(
                    code: "data_dir", description: "the data folder \(folder) cannot be locked: \(reason). Give one on another disk with --data-dir.")
            }
            let who = owner.map { "by the server with process number \($0)" } ?? "by another server"
            throw CommandFailure(
                code: "data_dir_in_use",
                description: "the data folder \(folder) is in use \(who). Stop that one first, or give another folder with --data-dir.")
        }
        let number = Array("\(getpid())\n".utf8)
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, number, number.count, 0)
        self.descriptor = descriptor
    }

    /// Lets the next server have the folder.
    deinit {
        _ = ftruncate(descriptor, 0)
        close(descriptor)
    }

    private static var reason: String { String(cString: strerror(errno)) }
}
