import Store

/// The engines and settings that journal entries name, read from the store when they are asked for and kept. What is missing or
/// damaged is nil, and its entries cannot be replayed. Used by one thread.
final class JournalContents {
    /// Engines, and settings, that are kept at a time; forgotten together when there are more.
    private static let keptMax = 256

    private let value: (StoreKey) throws -> [UInt8]?
    private var engines: [ContentID: EngineContent?] = [:]
    private var settings: [ContentID: GameSettings?] = [:]

    /// - Parameter value: Gives the store's value of a key, or nil.
    init(_ value: @escaping (StoreKey) throws -> [UInt8]?) { self.value = value }

    func engine(_ id: ContentID) throws -> EngineContent? {
        if let known = engines[id] { return known }
        let engine = try readEngine(id)
        if engines.count >= Self.keptMax { engines.removeAll() }
        engines[id] = .some(engine)
        return engine
    }

    func settings(_ name: SettingsName) throws -> GameSettings? {
        guard case .content(let id) = name else { return nil }
        if let known = settings[id] { return known }
        let read = try read(id).map { GameSettings(json: $0) }
        if settings.count >= Self.keptMax { settings.removeAll() }
        settings[id] = .some(read)
        return read
    }

    private func readEngine(_ id: ContentID) throws -> EngineContent? {
        guard let index = try read(id), let ids = EngineContent.fileIDs(inIndex: index) else { return nil }
        var files: [ContentID: [UInt8]] = [:]
        for file in ids where files[file] == nil { files[file] = try read(file) }
        return EngineContent(index: index) { files[$0] }
    }

    /// A content by its name; nil when there is none, or when it is not what its name says.
    private func read(_ id: ContentID) throws -> [UInt8]? {
        guard let bytes = try value(ContentKeeper.key(id)), ContentID(of: bytes) == id else { return nil }
        return bytes
    }
}
