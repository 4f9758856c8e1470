public import NIOCore
public import Store

/// The engines and settings that journal entries name, read back from the store. Immutable; any thread.
public struct JournalContents: Sendable {
    let engines: [ContentID: EngineContent]
    let settings: [ContentID: GameSettings]

    /// Reads what the entries name. What is missing or damaged is left out, and its entries cannot be replayed.
    ///
    /// - Throws: ``StoreError`` when the store does not answer.
    public init(namedBy entries: [JournalEntry], in store: any KeyValue, on loop: any EventLoop) async throws(StoreError) {
        var engineIDs: Set<ContentID> = []
        var settingsIDs: Set<ContentID> = []
        for entry in entries {
            switch JournalEvent(parsing: entry.body) {
            case .call(let record): Self.note(record.engine, record.settings, &engineIDs, &settingsIDs)
            case .migration(let record): Self.note(record.engine, record.settings, &engineIDs, &settingsIDs)
            case .finished, .resumed, nil: break
            }
        }
        var engines: [ContentID: EngineContent] = [:]
        var files: [ContentID: [UInt8]] = [:]
        for id in engineIDs {
            guard let index = try await Self.read(id, store, loop), let fileIDs = EngineContent.fileIDs(inIndex: index) else { continue }
            for file in fileIDs where files[file] == nil { files[file] = try await Self.read(file, store, loop) }
            engines[id] = EngineContent(index: index) { files[$0] }
        }
        var settings: [ContentID: GameSettings] = [:]
        for id in settingsIDs { settings[id] = try await Self.read(id, store, loop).map { GameSettings(json: $0) } }
        self.engines = engines
        self.settings = settings
    }

    func settings(_ name: SettingsName) -> GameSettings? {
        if case .content(let id) = name { settings[id] } else { nil }
    }

    private static func note(
        _ engine: ContentID?, _ settings: SettingsName, _ engineIDs: inout Set<ContentID>, _ settingsIDs: inout Set<ContentID>
    ) {
        if let engine { engineIDs.insert(engine) }
        if case .content(let id) = settings { settingsIDs.insert(id) }
    }

    /// A content by its name; nil when there is none, or when it is not what its name says.
    private static func read(_ id: ContentID, _ store: any KeyValue, _ loop: any EventLoop) async throws(StoreError) -> [UInt8]? {
        let result = await withCheckedContinuation { continuation in
            store.get(ContentKeeper.key(id), on: loop) { continuation.resume(returning: $0) }
        }
        guard let value = try result.get()?.bytes, ContentID(of: value) == id else { return nil }
        return value
    }
}
