import Foundation

/// The folder of the store, the control socket and the lock.
enum DataFolder {
    /// Makes it, its user's alone, if it is not there.
    static func make(_ path: String) throws(CommandFailure) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandFailure(
                code: "data_dir",
                description: "the data folder \(path) cannot be made. Is the path right, and the folder above it this user's? Give another with --data-dir.")
        }
    }

    /// Says of what is there already that others may read or change it.
    static func warnings(_ settings: Settings) -> [String] {
        [(settings.dataDirectory, "data folder", "700"), (settings.databasePath, "store", "600")].compactMap { path, what, mode in
            var info = stat()
            guard stat(path, &info) == 0, info.st_mode & 0o077 != 0 else { return nil }
            let found = String(info.st_mode & 0o777, radix: 8)
            return "the \(what) \(path) is open to other users of this machine (mode \(found)): balances and users' data are in it. Say: chmod \(mode) \(path)"
        }
    }
}
