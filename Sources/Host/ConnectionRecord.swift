import Transport

/// A connection as its package's worker knows it. Loop-bound to that worker.
package final class ConnectionRecord {
    let id: ConnectionID
    package let endpoint: ScriptEndpoint
    let peer: Peer
    /// The same, uncounted: one of them, or none for a connection to another server. `peer` holds it.
    private let local: Unmanaged<Connection>?
    private let remoteOutbox: Unmanaged<Outbox>?
    /// Text of the peer's address.
    let remote: String
    /// A handler runs or waits; further events queue.
    var isBusy = false
    /// The socket is gone; nothing can be sent.
    var isClosed = false
    var queue = ConnectionQueue()
    /// Where this connection's `conn.data` lies; nil until the first handler. Not counted as a reference:
    /// a generation lives as long as it has attached connections.
    unowned(unsafe) private(set) var dataHolder: Generation?
    /// Its generation; 0 without one.
    private(set) var dataGeneration: UInt64 = 0
    /// The request object of an `open` handler that waits.
    var openRequest: Int64?
    /// Place in `UnitConnections.records`.
    var listIndex = -1
    /// In the unit's mailbox.
    var isListed = false
    /// Handlers at work, more than one only with `concurrent`.
    var running = 0

    init(id: ConnectionID, endpoint: ScriptEndpoint, peer: Peer, remote: String) {
        self.id = id
        self.endpoint = endpoint
        self.peer = peer
        self.remote = remote
        switch peer {
        case .local(let connection): (local, remoteOutbox) = (.passUnretained(connection), nil)
        case .remote(let outbox, _): (local, remoteOutbox) = (nil, .passUnretained(outbox))
        case .outgoing: (local, remoteOutbox) = (nil, nil)
        }
    }

    /// `peer.send` for what is done with every message: no reference is counted.
    @inline(__always)
    func send(_ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {
        if let local {
            local._withUnsafeGuaranteedRef { $0.send(bytes, kind) }
        } else if let remoteOutbox {
            remoteOutbox._withUnsafeGuaranteedRef { $0.send(id, bytes, kind) }
        } else {
            peer.send(bytes, kind)
        }
    }

    func setDataHolder(_ generation: Generation?) {
        dataHolder = generation
        dataGeneration = generation?.number.number ?? 0
    }
}
