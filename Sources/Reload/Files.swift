#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif
import Host

/// Blocking file access of the control loop and the watcher; never for event loops that serve sockets.
enum Files {
    /// What changes whenever a file's content does. Two writes within one tick of the file system's clock may share it, so
    /// a file that is known to have been written is compared by content.
    struct Stamp: Hashable, Sendable {
        var seconds: Int
        var nanoseconds: Int
        var bytes: Int64
        var inode: UInt64
    }

    struct Entry: Equatable {
        var name: String
        var isDirectory: Bool
    }

    /// Which file or folder it is, whatever its path.
    struct Identity: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    /// Nil: there is nothing of this name.
    static func identity(_ path: String) -> Identity? {
        var info = stat()
        guard stat(path, &info) == 0 else { return nil }
        return Identity(device: UInt64(info.st_dev), inode: UInt64(info.st_ino))
    }

    /// Nil: there is no regular file of this name.
    static func stamp(_ path: String) -> Stamp? {
        var info = stat()
        guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return nil }
        return stamp(of: info)
    }

    static func isDirectory(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }

    private static func stamp(of info: stat) -> Stamp {
        #if canImport(Darwin)
        let time = info.st_mtimespec
        #else
        let time = info.st_mtim
        #endif
        return Stamp(
            seconds: Int(time.tv_sec), nanoseconds: Int(time.tv_nsec), bytes: Int64(info.st_size), inode: UInt64(info.st_ino))
    }

    /// Reads a whole regular file of at most `limit` bytes, with the stamp it had when it was opened.
    static func read(_ path: String, limit: Int) throws(FileFailure) -> (bytes: [UInt8], stamp: Stamp) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw errno == ENOENT || errno == ENOTDIR ? .missing : .unreadable(String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var info = stat()
        guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { throw .missing }
        guard info.st_size <= limit else { throw .tooLarge(limit: limit) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(info.st_size))
        var failure: FileFailure?
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { buffer in
            while failure == nil {
                #if canImport(Darwin)
                let count = Darwin.read(descriptor, buffer.baseAddress, buffer.count)
                #elseif canImport(Musl)
                let count = Musl.read(descriptor, buffer.baseAddress, buffer.count)
                #else
                let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                #endif
                if count == 0 { break }
                if count < 0 {
                    if errno == EINTR { continue }
                    failure = .unreadable(String(cString: strerror(errno)))
                } else if bytes.count + count > limit {
                    failure = .tooLarge(limit: limit)
                } else {
                    bytes.append(contentsOf: buffer[..<count])
                }
            }
        }
        if let failure { throw failure }
        return (bytes, stamp(of: info))
    }

    /// The files and folders in a folder by name, without hidden ones; symbolic links count as what they point to.
    static func entries(_ path: String) -> [Entry] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var result: [Entry] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard !name.hasPrefix(".") else { continue }
            var info = stat()
            guard stat(path + "/" + name, &info) == 0 else { continue }
            switch info.st_mode & S_IFMT {
            case S_IFDIR: result.append(Entry(name: name, isDirectory: true))
            case S_IFREG: result.append(Entry(name: name, isDirectory: false))
            default: continue
            }
        }
        return result.sorted { $0.name < $1.name }
    }

    static var workingDirectory: String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }

    /// The absolute form of a path without `.`, `..` and doubled slashes. Links are kept.
    static func absolute(_ path: String) -> String {
        var parts: [Substring] = []
        let whole = path.hasPrefix("/") ? path : workingDirectory + "/" + path
        for part in whole.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    /// The path with all links resolved; nil if there is nothing.
    static func real(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
