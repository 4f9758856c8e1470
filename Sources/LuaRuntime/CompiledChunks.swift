internal import CLuaShim

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// What files were compiled to, so that states that load the same files compile each of them once. A package of sixty files is
/// compiled for every worker, for each of its specs and at every save, of which each changes one file.
///
/// Found by name and whole text: two texts never stand for each other. Only what this process has compiled from text comes back;
/// scripts have no way to binary code, neither by `load` nor by a file. It keeps no errors: a text that does not compile is
/// compiled, and fails, each time.
///
/// Belongs to whoever loads; a state asks only as long as it is loading. Never a thread that runs states.
public final class CompiledChunks {
    /// Bytes of texts and code that are kept. All that comes along is 3 MiB; beyond this everything is forgotten and begins anew.
    static let bytesMax = 64 << 20

    private struct Entry {
        var text: [UInt8]
        var code: [UInt8]

        var bytes: Int { text.count + code.count }

        func holds(_ other: UnsafeRawBufferPointer) -> Bool {
            guard other.count == text.count, let start = other.baseAddress else { return other.count == text.count }
            return text.withUnsafeBytes { memcmp($0.baseAddress!, start, other.count) == 0 }
        }
    }

    /// By the chunk's name; the newest text of a file is the one that will be wanted.
    private var entries: [String: Entry] = [:]
    private let bytesMax: Int
    /// Bytes of texts and code that are kept now.
    private(set) var bytes = 0
    /// How often code was found, and how often it was kept.
    private(set) var found = 0, kept = 0

    public convenience init() { self.init(bytesMax: Self.bytesMax) }

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    func code(of name: String, _ text: UnsafeRawBufferPointer) -> [UInt8]? {
        guard let entry = entries[name], entry.holds(text) else { return nil }
        found += 1
        return entry.code
    }

    func keep(_ name: String, _ text: UnsafeRawBufferPointer, _ code: UnsafeRawBufferPointer) {
        let entry = Entry(text: Array(text), code: Array(code))
        bytes -= entries.removeValue(forKey: name)?.bytes ?? 0
        guard entry.bytes <= bytesMax else { return }
        if bytes + entry.bytes > bytesMax {
            entries = [:]
            bytes = 0
        }
        entries[name] = entry
        bytes += entry.bytes
        kept += 1
    }
}

/// Called by the shim for a file that is to be compiled.
func findCode(
    _ host: UnsafeMutableRawPointer?, _ name: UnsafePointer<CChar>?, _ text: UnsafePointer<CChar>?, _ count: Int,
    _ code: UnsafeMutablePointer<nj_buf>?
) -> Int32 {
    guard let host, let name, let code else { return 0 }
    return Unmanaged<HostContext>.fromOpaque(host)._withUnsafeGuaranteedRef { context in
        guard let known = context.chunks?.code(of: String(cString: name), UnsafeRawBufferPointer(start: text, count: count)) else { return 0 }
        return known.withUnsafeBytes { nj_buf_append(code, $0.baseAddress, $0.count) == 0 } ? 1 : 0
    }
}

/// Called by the shim for a file that was compiled.
func keepCode(
    _ host: UnsafeMutableRawPointer?, _ name: UnsafePointer<CChar>?, _ text: UnsafePointer<CChar>?, _ count: Int,
    _ code: UnsafeRawPointer?, _ codeCount: Int
) {
    guard let host, let name else { return }
    Unmanaged<HostContext>.fromOpaque(host)._withUnsafeGuaranteedRef { context in
        context.chunks?.keep(
            String(cString: name), UnsafeRawBufferPointer(start: text, count: count), UnsafeRawBufferPointer(start: code, count: codeCount))
    }
}
