import Bytes
public import Host
import Synchronization

/// What became of the loads of a test's server, in order. Any thread.
public final class ReloadList: Sendable {
    private let letters = Letterbox<ReloadEvent>("a reload")
    private let all = Lock<[String]>([])

    init() {}

    /// `package a: loaded`, `package a: <error>`, `package a: unloaded`.
    public static func text(_ event: ReloadEvent) -> String {
        switch event.outcome {
        case .loaded: "\(event.unit): loaded"
        case .failed(let error): "\(event.unit): \(error)"
        case .unloaded: "\(event.unit): unloaded"
        }
    }

    func add(_ event: ReloadEvent) {
        all.withLock { $0.append(Self.text(event)) }
        letters.put(event)
    }

    /// All of them in words, from the start of the server.
    public var texts: [String] { all.withLock { $0 } }

    /// Passes over events until one is wanted.
    ///
    /// - Throws: ``WaitedInVain`` with what there was.
    @discardableResult
    public func wait(
        for what: String = "a reload", within limit: Duration = Waiting.usual, _ isWanted: (String) -> Bool
    ) async throws -> String {
        let end = ContinuousClock.now + limit
        while true {
            let event: ReloadEvent
            do { event = try await letters.next(what, within: end - .now) } catch is WaitedInVain {
                throw WaitedInVain(what, limit, instead: texts.suffix(5).joined(separator: "\n"))
            }
            if isWanted(Self.text(event)) { return Self.text(event) }
        }
    }

    /// What has not been waited for is forgotten.
    public func skip() { _ = letters.takeAll() }
}
