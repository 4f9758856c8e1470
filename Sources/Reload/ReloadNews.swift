import Host
import Logging
import LuaRuntime

/// Tells of every load, failure and unload: the log, and whoever asked to hear of them, in order. Belongs to the control loop.
struct ReloadNews {
    private let logger: Logger
    private var observers: [@Sendable (ReloadEvent) -> Void] = []

    init(logger: Logger) { self.logger = logger }

    /// - Parameter observer: Called on the control thread; must not block.
    mutating func observe(_ observer: @escaping @Sendable (ReloadEvent) -> Void) { observers.append(observer) }

    func tell(_ event: ReloadEvent) {
        let metadata: Logger.Metadata = ["unit": "\(event.unit)", "generation": "\(event.generation)"]
        switch event.outcome {
        case .loaded(let milliseconds):
            logger.info("loaded in \(Double(Int(milliseconds * 10)) / 10) ms", metadata: metadata)
        case .failed(let error):
            var told = metadata
            told["code"] = "\(error.code)"
            // A slip in a file has none: its place says it all.
            told["traceback"] = error.traceback.map { "\($0)" }
            logger.error("\(event.summary)", metadata: told)
        case .unloaded:
            logger.info("unloaded", metadata: metadata)
        }
        for observer in observers { observer(event) }
    }
}
