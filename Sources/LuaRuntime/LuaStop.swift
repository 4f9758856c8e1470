internal import CLuaShim

/// Ends what runs in some states from another thread: for states whose outcome nobody waits for any more. Any thread.
// @unchecked: the object owns what the pointer names, one atomic word, which threads and signal handlers read and set.
public final class LuaStop: @unchecked Sendable {
    let native: OpaquePointer

    public init() {
        // As everywhere in Swift, no memory ends the process.
        guard let native = nj_stop_new() else { fatalError("no memory for a word") }
        self.native = native
    }

    deinit { nj_stop_free(native) }

    /// What runs in the states that obey it, and what would run in them later, ends as if its time were over. For good.
    public func make() { nj_stop_make(native) }

    public var isMade: Bool { nj_stop_is_made(native) != 0 }
}
