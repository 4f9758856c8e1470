#if canImport(Glibc)
import Bytes
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif
import Synchronization

/// What the watcher saw.
enum WatchEvent: Hashable, Sendable {
    /// Closed after writing, moved, created or removed; a folder stands for all that is in it.
    case changed(String)
    /// Written to and still open.
    case written(String)
    /// Found changed by the poll.
    case found(String)
    /// Events got lost.
    case overflow
}

/// Watches folders and everything below them: inotify (man 7 inotify) where there is one, and a poll of all time stamps as
/// well, because network mounts and some containers deliver no events. Hidden files and folders are left out.
///
/// Has a thread of its own; `onEvents` is called on it.
final class DirectoryWatcher: Sendable {
    /// Folders that are watched at most; each costs the kernel about 1 KiB.
    static let foldersMax = 4_096
    /// Files whose stamps are compared at most.
    static let filesMax = 100_000
    static let depthMax = 16

    private let roots: [String]
    private let pollMilliseconds: Int32
    private let onEvents: @Sendable ([WatchEvent]) -> Void
    /// The writing end of the pipe that ends the thread, -1 when it does not run.
    private let stopDescriptor = Lock<Int32>(-1)

    init(roots: [String], pollMilliseconds: Int32 = 1_000, onEvents: @escaping @Sendable ([WatchEvent]) -> Void) {
        self.roots = roots
        self.pollMilliseconds = pollMilliseconds
        self.onEvents = onEvents
    }

    deinit { stop() }

    /// Starts watching. When it returns, every later change is seen.
    func start() {
        stopDescriptor.withLock { descriptor in
            guard descriptor < 0 else { return }
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { return }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            descriptor = ends[1]
            var watch = WatchLoop(roots: roots, stop: ends[0], pollMilliseconds: pollMilliseconds, onEvents: onEvents)
            watch.prepare()
            Self.runThread { [watch] in
                var watch = watch
                watch.run()
            }
        }
    }

    /// Ends the thread; events on their way may still come.
    func stop() {
        stopDescriptor.withLock { descriptor in
            guard descriptor >= 0 else { return }
            close(descriptor)
            descriptor = -1
        }
    }

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private static func runThread(_ run: @escaping @Sendable () -> Void) {
        let body = Unmanaged.passRetained(Body(run)).toOpaque()
        #if canImport(Darwin)
        var thread: pthread_t?
        let failed = pthread_create(&thread, nil, { Unmanaged<Body>.fromOpaque($0).takeRetainedValue().run(); return nil }, body) != 0
        #else
        var thread = pthread_t()
        let failed = pthread_create(&thread, nil, { Unmanaged<Body>.fromOpaque($0!).takeRetainedValue().run(); return nil }, body) != 0
        #endif
        if failed {
            Unmanaged<Body>.fromOpaque(body).release()
            return
        }
        #if canImport(Darwin)
        if let thread { pthread_detach(thread) }
        #else
        pthread_detach(thread)
        #endif
    }
}

/// The watcher's thread. A value that moves onto the thread before it runs.
struct WatchLoop: Sendable {
    let roots: [String]
    let stop: Int32
    let pollMilliseconds: Int32
    let onEvents: @Sendable ([WatchEvent]) -> Void
    private var inotify: Int32 = -1
    private var folders: [Int32: String] = [:]
    /// Watches of folders whose new path is known, and of which it is still to be told that they have moved.
    private var moved: Set<Int32> = []
    private var stamps: [String: Files.Stamp] = [:]

    init(
        roots: [String], stop: Int32, pollMilliseconds: Int32, onEvents: @escaping @Sendable ([WatchEvent]) -> Void
    ) {
        self.roots = roots
        self.stop = stop
        self.pollMilliseconds = pollMilliseconds
        self.onEvents = onEvents
    }

    mutating func prepare() {
        #if os(Linux)
        inotify = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        for root in roots { addFolders(root, depth: 0) }
        #endif
        stamps = allStamps()
    }

    mutating func run() {
        var nextPoll = Self.now() + Int64(pollMilliseconds)
        while true {
            var descriptors = [
                pollfd(fd: stop, events: Int16(POLLIN), revents: 0), pollfd(fd: inotify, events: Int16(POLLIN), revents: 0),
            ]
            let wait = max(0, min(nextPoll - Self.now(), Int64(pollMilliseconds)))
            let count = poll(&descriptors, inotify >= 0 ? 2 : 1, Int32(wait))
            if descriptors[0].revents != 0 { break }
            var events: [WatchEvent] = []
            if count > 0, descriptors[1].revents != 0 { readEvents(&events) }
            if Self.now() >= nextPoll {
                pollStamps(&events)
                nextPoll = Self.now() + Int64(pollMilliseconds)
            }
            if !events.isEmpty { onEvents(events) }
        }
        close(stop)
        end()
    }

    func end() { if inotify >= 0 { close(inotify) } }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    // MARK: Poll

    private func allStamps() -> [String: Files.Stamp] {
        var result: [String: Files.Stamp] = [:]
        var pending = roots.map { ($0, 0) }
        var seen: Set<Files.Identity> = []
        while let (folder, depth) = pending.popLast() {
            // A link may lead back to where we come from.
            guard let identity = Files.identity(folder), seen.insert(identity).inserted else { continue }
            for entry in Files.entries(folder) {
                let path = folder + "/" + entry.name
                if entry.isDirectory {
                    if depth < DirectoryWatcher.depthMax, pending.count < DirectoryWatcher.foldersMax { pending.append((path, depth + 1)) }
                } else if result.count < DirectoryWatcher.filesMax {
                    result[path] = Files.stamp(path)
                }
            }
        }
        return result
    }

    mutating func pollStamps(_ events: inout [WatchEvent]) {
        let now = allStamps()
        for (path, stamp) in now where stamps[path] != stamp { events.append(.found(path)) }
        for path in stamps.keys where now[path] == nil { events.append(.found(path)) }
        stamps = now
    }

    // MARK: inotify

    #if os(Linux)
    private static let mask = UInt32(
        IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB
            | IN_ONLYDIR)

    private mutating func addFolders(_ path: String, depth: Int) {
        var added: Set<Int32> = []
        addFolders(path, depth, &added)
    }

    /// - Parameter added: The watches of this walk. A folder has one whatever its path, and a link may lead back to where we come from.
    private mutating func addFolders(_ path: String, _ depth: Int, _ added: inout Set<Int32>) {
        guard inotify >= 0, depth <= DirectoryWatcher.depthMax, folders.count < DirectoryWatcher.foldersMax else { return }
        let watch = inotify_add_watch(inotify, path, Self.mask)
        guard watch >= 0, added.insert(watch).inserted else { return }
        // Of those below nothing of that kind will be told.
        if let former = folders.updateValue(path, forKey: watch), former != path, added.count == 1 { moved.insert(watch) }
        for entry in Files.entries(path) where entry.isDirectory { addFolders(path + "/" + entry.name, depth + 1, &added) }
    }

    mutating func readEvents(_ events: inout [WatchEvent]) {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(inotify, &buffer, buffer.count)
            guard count > 0 else { return }
            buffer.withUnsafeBytes { bytes in
                var offset = 0
                while offset + MemoryLayout<inotify_event>.size <= count {
                    let event = bytes.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
                    let start = offset + MemoryLayout<inotify_event>.size
                    let name = bytes[start..<start + Int(event.len)].prefix { $0 != 0 }
                    handle(event, String(decoding: name, as: UTF8.self), &events)
                    offset = start + Int(event.len)
                }
            }
        }
    }

    private mutating func handle(_ event: inotify_event, _ name: String, _ events: inout [WatchEvent]) {
        let mask = event.mask
        if mask & UInt32(IN_Q_OVERFLOW) != 0 { return events.append(.overflow) }
        guard let folder = folders[event.wd] else { return }
        if mask & UInt32(IN_IGNORED) != 0 {
            folders[event.wd] = nil
            moved.remove(event.wd)
            return
        }
        if name.isEmpty {
            if mask & UInt32(IN_DELETE_SELF | IN_MOVE_SELF) != 0 { events.append(.changed(folder)) }
            // Its new name, if it has one here, was told before, and the watch belongs to that.
            if mask & UInt32(IN_MOVE_SELF) != 0, moved.remove(event.wd) == nil {
                inotify_rm_watch(inotify, event.wd)
                folders[event.wd] = nil
            }
            return
        }
        guard !name.hasPrefix(".") else { return }
        let path = folder + "/" + name
        if mask & UInt32(IN_ISDIR) != 0 {
            if mask & UInt32(IN_CREATE | IN_MOVED_TO) != 0 { addFolders(path, depth: 1) }
            events.append(.changed(path))
        } else if mask & UInt32(IN_MODIFY) != 0 {
            events.append(.written(path))
        } else {
            // The poll is not to find it again: that would be the beginning of another save, a second later.
            stamps[path] = Files.stamp(path)
            events.append(.changed(path))
        }
    }
    #else
    mutating func readEvents(_ events: inout [WatchEvent]) {}
    #endif
}
