import NIOCore
import Transport

/// The sockets of one loop as the casino needs them. Loop-bound; unknown ids are ignored.
protocol SessionSockets: AnyObject {
    var eventLoop: any EventLoop { get }
    func send(_ id: ConnectionID, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind)
    func close(_ id: ConnectionID, code: UInt16, reason: String)
}

extension LoopContext: SessionSockets {}
