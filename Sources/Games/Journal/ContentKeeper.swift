import NIOCore
import Store

/// Puts into the store what journal entries name: engines and settings, each once, before the first entry that names it.
/// Loop-bound; every loop has its own, which finds out by itself what is there already.
final class ContentKeeper {
    /// The realm of contents among the store's keys.
    static let realm = "journal"
    /// Names that are remembered as kept; forgotten together when there are more, then asked for again.
    private static let rememberedMax = 4_096

    private let store: any KeyValue
    private let loop: any EventLoop
    private var kept: Set<ContentID> = []

    init(store: any KeyValue, loop: any EventLoop) {
        self.store = store
        self.loop = loop
    }

    /// The key of a content.
    static func key(_ id: ContentID) -> StoreKey { StoreKey(realm: realm, name: id.description) }

    /// Stores what is missing. `done` gets the first failure, or nil when all of it is on disk.
    func keep(_ engine: EngineContent?, _ settings: GameSettings, _ done: @escaping (StoreError?) -> Void) {
        // The list of an engine comes after its files: whoever finds it finds them.
        var missing: [(id: ContentID, content: [UInt8])] = []
        if let engine, !kept.contains(engine.id) {
            for file in engine.files where !kept.contains(file.id) { missing.append((file.id, file.source)) }
            missing.append((engine.id, engine.index))
        }
        if !kept.contains(settings.id) { missing.append((settings.id, settings.json)) }
        write(missing[...], done)
    }

    private func write(_ missing: ArraySlice<(id: ContentID, content: [UInt8])>, _ done: @escaping (StoreError?) -> Void) {
        guard let (id, content) = missing.first else { return done(nil) }
        let answer = NIOLoopBound({ (result: Result<WriteResult, StoreError>) in
            switch result {
            case .success:  // written, or there already: then it is the same, for its name says so
                if self.kept.count >= Self.rememberedMax { self.kept.removeAll() }
                self.kept.insert(id)
                self.write(missing.dropFirst(), done)
            case .failure(let error): done(error)
            }
        }, eventLoop: loop)
        store.set(Self.key(id), content, ttl: nil, ifVersion: 0, on: loop) { answer.value($0) }
    }
}
