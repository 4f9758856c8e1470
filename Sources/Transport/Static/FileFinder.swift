import Bytes
import NIOCore
import NIOPosix
import Synchronization
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file that may be served.
struct FoundFile: Sendable {
    enum Content: Sendable {
        /// A small file, from the cache.
        case bytes(ByteBuffer)
        /// An open descriptor, which the holder closes.
        case open(CInt)
    }
    var content: Content
    var size: Int
    var modifiedSeconds: Int
    /// Changes with every change of the file that the file system notices.
    var tag: String
    var type: String

    /// Closes what is open.
    func release(_ threadPool: NIOThreadPool) {
        guard case .open(let descriptor) = content else { return }
        threadPool.submit { _ in _ = close(descriptor) }
    }
}

/// Finds and opens files below a root; blocking, so used on the thread pool.
final class FileFinder: Sendable {
    /// Files up to this size are kept in memory while they do not change.
    static let smallBytesMax = 256 * 1024
    /// Memory for small files per root; a game's whole client mostly fits.
    static let cacheBytesMax = 16 * 1024 * 1024

    enum Result: Sendable {
        case file(FoundFile)
        /// A folder that was named without its last slash and has an index.
        case folder
        case nothing
    }

    private struct Cached {
        var tag: String
        var bytes: ByteBuffer
    }
    private struct Cache {
        var files: [String: Cached] = [:]
        var bytes = 0
    }

    private let folder: String
    /// The folder's path without links, so that the real path of a file can be compared with it; nil: it has not been there yet.
    private let known: Lock<String?>
    private let policy: StaticFiles.Policy
    private let cache = Lock(Cache())

    init(root: String, policy: StaticFiles.Policy) {
        folder = root
        known = Lock(Self.realPath(root))
        self.policy = policy
    }

    private var root: String? {
        known.withLock { known in
            if known == nil { known = Self.realPath(folder) }
            return known
        }
    }

    func find(_ path: String) -> Result {
        guard let root, let relative = Self.checked(path) else { return .nothing }
        var name = relative
        if name.isEmpty || name.hasSuffix("/") {
            guard let index = policy.index else { return .nothing }
            name += index
        }
        guard policy.allowed(name) else { return .nothing }
        let descriptor = open(root + "/" + name, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return .nothing }
        var status = stat()
        guard fstat(descriptor, &status) == 0, let real = Self.path(of: descriptor), let below = Self.path(real, below: root),
            // A link may lead to what is below the root and yet not for everybody.
            status.st_mode & S_IFMT != S_IFREG || policy.allowed(below)
        else {
            close(descriptor)
            return .nothing
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file(read(descriptor, name, status))
        case S_IFDIR:
            close(descriptor)
            return hasIndex(root + "/" + name) ? .folder : .nothing
        default:
            close(descriptor)
            return .nothing
        }
    }

    /// The path if all its segments are plain names; a last slash may stay.
    static func checked(_ path: String) -> String? {
        var segments = path.split(separator: "/", omittingEmptySubsequences: false)
        if segments.last == "" { segments.removeLast() }
        for segment in segments {
            // Hidden files are not meant for the world; this refuses `.` and `..` too.
            if segment.isEmpty || segment.hasPrefix(".") || segment.utf8.contains(0) { return nil }
        }
        return path
    }

    /// The path from `root` to what is in it, without a leading slash; empty for the root itself, nil for what is not in it. By bytes, for
    /// two names that look the same are two names.
    private static func path(_ path: String, below root: String) -> String? {
        let (path, root) = (path.utf8, root.utf8)
        guard path.starts(with: root) else { return nil }
        let rest = path.dropFirst(root.count)
        guard let slash = rest.first else { return "" }
        return slash == UInt8(ascii: "/") ? String(Substring(rest.dropFirst())) : nil
    }

    private func hasIndex(_ folder: String) -> Bool {
        guard let index = policy.index else { return false }
        return access(folder + "/" + index, R_OK) == 0
    }

    private func read(_ descriptor: CInt, _ name: String, _ status: stat) -> FoundFile {
        #if canImport(Darwin)
        let modified = status.st_mtimespec
        #else
        let modified = status.st_mtim
        #endif
        let size = Int(status.st_size)
        let nanoseconds = Int(modified.tv_sec) &* 1_000_000_000 &+ Int(modified.tv_nsec)
        let tag = "\"" + String(nanoseconds, radix: 36) + "-" + String(size, radix: 36) + "\""
        var file = FoundFile(
            content: .open(descriptor), size: size, modifiedSeconds: Int(modified.tv_sec), tag: tag,
            type: MediaType.of(name))
        guard size <= Self.smallBytesMax else { return file }
        if let cached = cache.withLock({ $0.files[name] }), cached.tag == tag {
            close(descriptor)
            file.content = .bytes(cached.bytes)
            return file
        }
        guard let bytes = Self.readAll(descriptor, size) else { return file }
        close(descriptor)
        file.content = .bytes(bytes)
        keep(name, Cached(tag: tag, bytes: bytes))
        return file
    }

    private func keep(_ name: String, _ file: Cached) {
        cache.withLock { cache in
            if let old = cache.files.removeValue(forKey: name) { cache.bytes -= old.bytes.readableBytes }
            // Rarely full; then starting over is as good as any order and needs no bookkeeping.
            if cache.bytes + file.bytes.readableBytes > Self.cacheBytesMax || cache.files.count >= 4096 { cache = Cache() }
            cache.files[name] = file
            cache.bytes += file.bytes.readableBytes
        }
    }

    /// Nil if the file is not as long as it was said to be.
    private static func readAll(_ descriptor: CInt, _ size: Int) -> ByteBuffer? {
        var buffer = ByteBufferAllocator().buffer(capacity: max(1, size))
        while buffer.readableBytes < size {
            let offset = buffer.readableBytes
            let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: size - offset) { target in
                max(0, pread(descriptor, target.baseAddress!, size - offset, off_t(offset)))
            }
            if count == 0 { return nil }
        }
        return buffer
    }

    private static func realPath(_ path: String) -> String? {
        guard let text = realpath(path, nil) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }

    /// The path of what was opened, whatever links led there: asked after opening, so nobody can exchange it in between.
    private static func path(of descriptor: CInt) -> String? {
        #if canImport(Darwin)
        var buffer = [CChar](repeating: 0, count: Int(MAXPATHLEN))
        guard fcntl(descriptor, F_GETPATH, &buffer) == 0 else { return nil }
        return String(cString: buffer)
        #else
        return realPath("/proc/self/fd/\(descriptor)")
        #endif
    }
}

/// Content types by file name extension.
enum MediaType {
    private static let types: [String: String] = [
        "html": "text/html; charset=utf-8", "htm": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
        "js": "text/javascript; charset=utf-8", "mjs": "text/javascript; charset=utf-8",
        "json": "application/json", "map": "application/json", "webmanifest": "application/manifest+json",
        "txt": "text/plain; charset=utf-8", "md": "text/markdown; charset=utf-8", "xml": "application/xml",
        "csv": "text/csv; charset=utf-8", "wasm": "application/wasm", "pck": "application/octet-stream",
        "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif",
        "webp": "image/webp", "avif": "image/avif", "ico": "image/x-icon", "woff": "font/woff", "woff2": "font/woff2",
        "ttf": "font/ttf", "otf": "font/otf", "mp3": "audio/mpeg", "ogg": "audio/ogg", "wav": "audio/wav",
        "m4a": "audio/mp4", "mp4": "video/mp4", "webm": "video/webm", "pdf": "application/pdf", "zip": "application/zip",
    ]

    static func of(_ name: String) -> String {
        guard let dot = name.lastIndex(of: "."), !name[dot...].contains("/") else { return "application/octet-stream" }
        return types[name[name.index(after: dot)...].lowercased()] ?? "application/octet-stream"
    }
}
