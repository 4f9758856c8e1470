import Bytes
import LuaRuntime

/// The files of an engine as one generation has run them: what the journal's `engine` names, and enough to run its rounds again
/// when the files on disk have long changed. Immutable; any thread.
public final class EngineContent: Sendable, Equatable {
    /// One file.
    public struct File: Sendable, Equatable {
        /// The name it is required by; empty for the engine itself.
        public let module: String
        /// Its name in messages.
        public let chunk: String
        public let source: [UInt8]
        public let id: ContentID
        fileprivate let digest: [UInt8]

        public init(module: String, chunk: String, source: [UInt8]) {
            self.module = module
            self.chunk = chunk
            self.source = source
            digest = ContentID.digest(source)
            id = ContentID(digest: digest)
        }
    }

    /// Files of one engine: more than a game of many modules has, few enough to be read in one go.
    public static let filesMax = 256

    /// The engine itself, then what it requires, by name.
    public let files: [File]
    /// The list of the files as JSON, by which they are found again: `{"files":[{"module":"","chunk":…,"sha256":…}, …]}`.
    public let index: [UInt8]
    /// Name of the list, and so of all that is in it.
    public let id: ContentID

    /// - Parameter modules: What the engine requires, in any order.
    public init(main: File, modules: [File]) {
        files = [main] + modules.sorted { $0.module < $1.module }
        index = Self.list(files)
        id = ContentID(of: index)
    }

    /// Puts an engine together again.
    ///
    /// - Parameters:
    ///   - index: A list as in ``index``.
    ///   - content: Gives a file's bytes.
    /// - Returns: nil when the list is damaged, or a file is missing or not what it was.
    public convenience init?(index: [UInt8], content: (ContentID) -> [UInt8]?) {
        guard let entries = Self.entries(index), let first = entries.first, first.module.isEmpty else { return nil }
        var files: [File] = []
        for entry in entries {
            guard let source = content(entry.id) else { return nil }
            let file = File(module: entry.module, chunk: entry.chunk, source: source)
            guard file.id == entry.id else { return nil }
            files.append(file)
        }
        self.init(main: files[0], modules: Array(files.dropFirst()))
        guard self.index == index else { return nil }
    }

    /// The names of the files in a list, or nil when it is damaged.
    public static func fileIDs(inIndex index: [UInt8]) -> [ContentID]? { entries(index)?.map(\.id) }

    /// The source of a required module, or nil.
    func module(_ name: String) -> File? { files.dropFirst().first { $0.module == name } }

    public static func == (a: EngineContent, b: EngineContent) -> Bool { a === b || a.id == b.id }

    private static func list(_ files: [File]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(text: "{\"files\":[")
        for (position, file) in files.enumerated() {
            if position > 0 { bytes.append(text: ",") }
            bytes.append(text: "{\"module\":")
            bytes.append(jsonString: file.module)
            bytes.append(text: ",\"chunk\":")
            bytes.append(jsonString: file.chunk)
            bytes.append(text: ",\"sha256\":\"")
            file.digest.withUnsafeBytes { bytes.append(hex: $0) }
            bytes.append(text: "\"}")
        }
        bytes.append(text: "]}")
        return bytes
    }

    private static func entries(_ index: [UInt8]) -> [(module: String, chunk: String, id: ContentID)]? {
        index.withUnsafeBytes { text in
            guard let list = (try? JSONObject(text))?["files"]?.elements, (1...filesMax).contains(list.count) else { return nil }
            var result: [(module: String, chunk: String, id: ContentID)] = []
            for element in list {
                guard let entry = element.object, let module = entry["module"]?.string, let chunk = entry["chunk"]?.string,
                    let digest = entry["sha256"]?.string.flatMap({ Hex.bytes($0.utf8) }), digest.count == 32
                else { return nil }
                result.append((module, chunk, ContentID(digest: digest)))
            }
            return result
        }
    }
}
