import NIOCore

extension EventLoop {
    /// Wraps what may only run on this loop, which is the current one, into something that others may call there.
    func back<Value: Sendable>(_ body: @escaping (Value) -> Void) -> @Sendable (Value) -> Void {
        let bound = NIOLoopBound(body, eventLoop: self)
        return { bound.value($0) }
    }
}
