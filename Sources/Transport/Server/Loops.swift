import NIOCore

/// The contexts of all loops, for code on any thread.
final class Loops: @unchecked Sendable {
    // `contexts` is filled before the object is shared and never changed; each context is used only on its own loop, which
    // `run` and `local` see to.
    let eventLoops: [any EventLoop]
    private var contexts: [LoopContext] = []

    init(eventLoops: [any EventLoop]) {
        precondition(!eventLoops.isEmpty && eventLoops.count <= 128, "1…128 loops, what a connection id has room for")
        self.eventLoops = eventLoops
    }

    var count: Int { eventLoops.count }

    /// Once, before anybody else has the object.
    func fill(_ make: (Int, any EventLoop) -> LoopContext) {
        precondition(contexts.isEmpty, "contexts are made once")
        contexts = eventLoops.enumerated().map(make)
    }

    /// Runs `body` on a loop: now if the caller is on it, else in a later turn.
    @inline(__always)
    func run(_ index: Int, _ body: @escaping @Sendable (LoopContext) -> Void) {
        let loop = eventLoops[index]
        if loop.inEventLoop {
            body(contexts[index])
        } else {
            loop.execute { body(self.contexts[index]) }
        }
    }

    /// The context of a loop the caller is on; traps elsewhere.
    func local(_ index: Int) -> LoopContext {
        eventLoops[index].preconditionInEventLoop()
        return contexts[index]
    }

    /// The context of an event loop the caller is on.
    func local(_ loop: any EventLoop) -> LoopContext? {
        eventLoops.firstIndex { $0 === loop }.map { local($0) }
    }
}
