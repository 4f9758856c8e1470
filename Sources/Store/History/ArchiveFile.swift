import Bytes
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A piece of the journal in a file of its own: gzip, a line of JSON that says what it holds, then a line for each entry
/// (``JournalLine``). Those of one account stand together, because they are alike and take so much less room.
///
///     {"nightjar_journal":1,"first":1,"last":16384,"seal_before":"000…","seal":"9f8…"}
struct ArchiveFile {
    /// Of the format, for later releases.
    private static let version: Int64 = 1

    /// In the order of the journal.
    let lines: [JournalLine]
    /// Those of the entry before the first and of the last, as the file's first line says.
    let sealBefore: JournalSeal
    let seal: JournalSeal
    /// Nil if the lines are those that the seal was made of; else what is wrong with them.
    let problem: String?

    var first: Int64 { sealBefore.seq + 1 }
    var last: Int64 { seal.seq }

    /// `journal-0000000001-0000016384.jsonl.gz`: sorted as their entries are.
    /// - Parameter seal: Given where that name is another file's: its beginning comes behind the numbers.
    static func name(first: Int64, last: Int64, seal: JournalSeal? = nil) -> String {
        func padded(_ number: Int64) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, 10 - digits.utf8.count)) + digits
        }
        return "journal-\(padded(first))-\(padded(last))\(seal.map { "-" + $0.hex.prefix(8) } ?? "").jsonl.gz"
    }

    /// The file's bytes, and the seal of its last entry.
    ///
    /// - Parameters:
    ///   - lines: Not empty; in the order of the journal, without gaps.
    ///   - before: The seal of the entry before.
    /// - Throws: ``StoreError`` `unavailable` if there is no memory.
    static func encode(_ lines: [JournalLine], after before: JournalSeal) throws(StoreError) -> (bytes: [UInt8], seal: JournalSeal) {
        var seal = before
        var texts: [(account: Int64, text: [UInt8])] = []
        for line in lines {
            precondition(line.row.seq == seal.seq + 1, "entries of an archive follow one another")
            let text = line.text
            seal.add(text)
            texts.append((line.row.account, text))
        }
        var bytes: [UInt8] = []
        bytes.append(text: "{\"nightjar_journal\":")
        bytes.append(decimal: version)
        bytes.append(text: ",\"first\":")
        bytes.append(decimal: before.seq + 1)
        bytes.append(text: ",\"last\":")
        bytes.append(decimal: seal.seq)
        bytes.append(text: ",\"seal_before\":\"")
        bytes.append(contentsOf: before.hex.utf8)
        bytes.append(text: "\",\"seal\":\"")
        bytes.append(contentsOf: seal.hex.utf8)
        bytes.append(text: "\"}\n")
        // A stable sort: within an account the order of the journal stays.
        for (_, text) in texts.enumerated().sorted(by: { ($0.element.account, $0.offset) < ($1.element.account, $1.offset) }).map(\.element) {
            bytes.append(contentsOf: text)
            bytes.append(UInt8(ascii: "\n"))
        }
        guard let packed = Gzip.compressed(bytes) else { throw StoreError(.unavailable, "no memory to compress an archive") }
        return (packed, seal)
    }

    /// Reads a file. Its lines may be others than those it was made of, see ``problem``.
    ///
    /// - Throws: ``StoreError``: `lost` if it is not there, `newer` if a later release wrote it, `corrupt` if it cannot be read as
    ///   what it should be, `unavailable` if it cannot be read at all.
    init(path: String) throws(StoreError) {
        let packed = try Self.contents(path)
        guard let bytes = Gzip.decompressed(packed, limit: StoreLimits.archiveFileBytesMax) else {
            throw StoreError(.corrupt, "\(path): it is no whole gzip file")
        }
        let parsed: Result<Parts, Damage> = bytes.withUnsafeBytes { bytes in
            do throws(Damage) { return .success(try Self.parse(bytes)) } catch { return .failure(error) }
        }
        var parts: Parts
        switch parsed {
        case .success(let read): parts = read
        case .failure(let damage): throw StoreError(.corrupt, "\(path): line \(damage.line) cannot be read")
        }
        guard parts.version == Self.version else {
            throw StoreError(.newer, "\(path): written by a later release (format \(parts.version), this one knows \(Self.version)); use that release")
        }
        parts.lines.sort { $0.line.row.seq < $1.line.row.seq }
        lines = parts.lines.map(\.line)
        sealBefore = parts.before
        seal = parts.seal
        problem = Self.problem(parts)
    }

    private static func problem(_ parts: Parts) -> String? {
        var seal = parts.before
        for (line, text) in parts.lines {
            guard line.row.seq == seal.seq &+ 1 else { return "entry \(seal.seq &+ 1) is missing" }
            seal.add(text)
        }
        return seal == parts.seal ? nil : "its entries are not those that its seal was made of"
    }

    /// A line that is not as it is written.
    private struct Damage: Error { let line: Int }

    private struct Parts {
        var version: Int64
        var before: JournalSeal
        var seal: JournalSeal
        var lines: [(line: JournalLine, text: [UInt8])] = []
    }

    private static func parse(_ bytes: UnsafeRawBufferPointer) throws(Damage) -> Parts {
        var texts = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // Each line ends with a line feed.
        guard texts.popLast()?.isEmpty == true, let head = texts.first else { throw Damage(line: texts.count + 1) }
        var cursor = LineCursor(UnsafeRawBufferPointer(rebasing: head))
        guard let version = cursor.number("{\"nightjar_journal\":") else { throw Damage(line: 1) }
        // What a later release writes behind it is not looked at.
        guard version == Self.version else { return Parts(version: version, before: .empty, seal: .empty) }
        guard let first = cursor.number(",\"first\":"), let last = cursor.number(",\"last\":"), first > 0, last >= first,
            let before = cursor.text(",\"seal_before\":").flatMap({ JournalSeal(seq: first - 1, hex: $0) }),
            let seal = cursor.text(",\"seal\":").flatMap({ JournalSeal(seq: last, hex: $0) }), cursor.take("}"), cursor.isAtEnd
        else { throw Damage(line: 1) }
        var parts = Parts(version: version, before: before, seal: seal)
        parts.lines.reserveCapacity(texts.count)
        for (index, text) in texts.enumerated().dropFirst() {
            guard let line = JournalLine(UnsafeRawBufferPointer(rebasing: text)) else { throw Damage(line: index + 1) }
            parts.lines.append((line, Array(text)))
        }
        return parts
    }

    private static func contents(_ path: String) throws(StoreError) -> [UInt8] {
        // Without waiting for a writer, should it be a pipe.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw errno == ENOENT ? StoreError(.lost, "\(path) is not there") : StoreError(.unavailable, "\(path): \(reason)")
        }
        defer { _ = closeDescriptor(descriptor) }
        var info = stat()
        guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { throw StoreError(.corrupt, "\(path): it is no file") }
        guard info.st_size <= StoreLimits.archiveFileBytesMax else {
            throw StoreError(.corrupt, "\(path): larger than any archive is made")
        }
        var bytes = [UInt8](repeating: 0, count: Int(info.st_size))
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + filled, $0.count - filled) }
            guard count > 0 else { throw StoreError(.unavailable, "\(path): \(count == 0 ? "it became shorter" : String(cString: strerror(errno)))") }
            filled += count
        }
        return bytes
    }
}
