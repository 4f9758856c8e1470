import Foundation

/// Writes a recording: a first line that says what it is, then a line for each message. One task at a time.
final class RecordingWriter {
    /// First member of the first line.
    static let mark = "nightjar_recording"
    static let version = 1

    private let path: String
    private let handle: FileHandle
    /// Messages written so far.
    private(set) var count = 0
    private(set) var bytes = 0
    private var waiting = Data()
    /// Lines are written in pieces.
    private static let pieceBytes = 256 << 10

    /// - Throws: ``CommandFailure`` if the file is there already or cannot be made.
    init(path: String, package: String) throws {
        self.path = path
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let words = errno == EEXIST ? "is there already. Name another file, or move it away" : "\(String(cString: strerror(errno))). Name a file that can be made"
            throw CommandFailure(code: "not_written", description: "\(path): \(words).")
        }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        let began = Int(Date().timeIntervalSince1970 * 1_000)
        try append(#"{"\#(Self.mark)":\#(Self.version),"package":"\#(package)","began":\#(began)}"#)
    }

    func write(_ line: String) throws {
        try append(line)
        count += 1
    }

    private func append(_ line: String) throws {
        waiting.append(contentsOf: line.utf8)
        waiting.append(0x0A)
        bytes += line.utf8.count + 1
        if waiting.count >= Self.pieceBytes { try flush() }
    }

    private func flush() throws {
        do { try handle.write(contentsOf: waiting) } catch {
            throw CommandFailure(code: "not_written", description: "\(path): cannot be written: \(String(cString: strerror(errno))). What came before is in it.")
        }
        waiting.removeAll(keepingCapacity: true)
    }

    func close() throws {
        try flush()
        try? handle.close()
    }
}

/// Reads a recording line by line. One task at a time.
struct RecordingReader {
    /// A line of the file.
    struct Line {
        /// 1 …
        var number: Int
        var text: String
        /// When it came, milliseconds since 1970; nil: it does not say.
        var time: Int64?
    }

    /// Bytes of a line. As a text in JSON it may be twice as long, and scripts get no JSON of more than a mebibyte.
    private static let lineBytesMax = 480 << 10
    private static let pieceBytes = 256 << 10

    private let path: String
    /// Whose it must be, if it says whose it is.
    private let package: String
    private let handle: FileHandle
    private var rest = Data()
    private var isAtEnd = false
    private var number = 0
    /// Bytes of the file, and how many of them have been taken.
    let size: Int
    private(set) var taken = 0

    /// - Throws: ``CommandFailure`` if it cannot be read.
    init(path: String, package: String) throws(CommandFailure) {
        self.path = path
        self.package = package
        var info = stat()
        guard stat(path, &info) == 0, info.st_mode & S_IFMT != S_IFDIR, let handle = FileHandle(forReadingAtPath: path) else {
            throw CommandFailure(code: "no_recording", description: "\(path): there is no such file that can be read. Name one made by nightjar events record.")
        }
        size = Int(info.st_size)
        self.handle = handle
    }

    /// The next line that is not empty; nil at the end.
    /// - Throws: ``CommandFailure`` with file and line if it is no JSON object.
    mutating func next() throws -> Line? {
        while let bytes = try nextBytes() {
            number += 1
            guard bytes.count <= Self.lineBytesMax else { throw tooLong() }
            guard bytes.contains(where: { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 }) else { continue }
            guard let object = try? JSONSerialization.jsonObject(with: bytes) as? [String: Any] else {
                throw failure("is no JSON object. Each line of a recording is one, like {\"at\":1763000000000,\"message\":{…}}.")
            }
            if let version = object[RecordingWriter.mark] {
                guard number == 1, version as? Int == RecordingWriter.version else {
                    throw failure("is the beginning of a recording of another release. This one reads version \(RecordingWriter.version).")
                }
                if let owner = object["package"] as? String, owner != package {
                    let reader = owner == ArgusCommand.package ? "nightjar argus parse FILE" : "nightjar events replay FILE --package \(owner)"
                    throw failure("is the beginning of a recording of the package \(owner). \(reader) takes those.")
                }
                continue
            }
            return Line(number: number, text: String(decoding: bytes, as: UTF8.self), time: Self.time(object))
        }
        return nil
    }

    /// A message as the service sends it, without more, has a time as well.
    private static func time(_ object: [String: Any]) -> Int64? {
        if let at = object["at"] as? NSNumber { return at.int64Value }
        let payload = object["payload"] as? [String: Any] ?? object
        let seconds = (payload["timestamp"] as? String).flatMap(Int64.init) ?? (payload["timestamp"] as? NSNumber)?.int64Value
        // A stream may send any number; one that is no time plays like a line without one.
        return seconds.flatMap { seconds in
            let (time, isTooLarge) = seconds.multipliedReportingOverflow(by: 1_000)
            return isTooLarge ? nil : time
        }
    }

    func failure(_ problem: String, line: Int? = nil) -> CommandFailure {
        CommandFailure(code: "bad_recording", description: "\(path):\(line ?? number): \(problem)")
    }

    private func tooLong() -> CommandFailure { failure("has more than \(Self.lineBytesMax) bytes. Is this a recording?") }

    private mutating func nextBytes() throws -> Data? {
        while true {
            if let end = rest.firstIndex(of: 0x0A) {
                let line = rest[rest.startIndex..<end]
                taken += line.count + 1
                rest = rest[(end + 1)...]
                return Data(line)
            }
            if isAtEnd {
                guard !rest.isEmpty else { return nil }
                defer { rest = Data() }
                taken += rest.count
                return Data(rest)
            }
            guard rest.count <= Self.lineBytesMax else {
                number += 1
                throw tooLong()
            }
            guard let piece = try handle.read(upToCount: Self.pieceBytes), !piece.isEmpty else {
                isAtEnd = true
                continue
            }
            rest = Data(rest) + piece
        }
    }
}
