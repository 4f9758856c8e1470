import Bytes
public import NIOCore
import Synchronization

/// Named groups of WebSocket connections, on any loop of the server.
///
/// Every room has an owner loop that orders its joins, leaves and sends, so that all see the same order and one count is
/// right for everyone. May be called from any thread; a call made on the owner loop takes effect before it returns, so
/// code that lives on that loop gets exact counts in order. A connection that ends leaves its rooms before its endpoint
/// hears of it: the count is right in `closed` on the owner loop, and for a call that reaches the owner from there.
public final class Rooms: Sendable {
    /// Bytes of a room's name: names are keys, not data.
    public static let nameBytesMax = 256
    /// Rooms one loop owns: bounds what a script that never empties its rooms can use.
    public static let roomsMax = 65_536
    /// Members of one room: as many as there may be connections.
    public static let membersMax = 65_536
    /// Rooms of one connection: leaving them all is work of one loop turn.
    public static let roomsPerConnectionMax = 1_024

    public enum JoinOutcome: String, Sendable {
        case joined
        /// It was in the room before.
        case already
        /// The connection is gone.
        case gone
        /// One of the limits is reached.
        case full
        /// The name is empty or longer than `nameBytesMax`.
        case badName = "bad_name"
    }

    private let loops: Loops
    private let owners = Lock<[(prefix: String, loop: Int)]>([])

    init(loops: Loops) { self.loops = loops }

    /// Gives all rooms whose names begin with `prefix` to a loop; the longest prefix counts. Must be called before such
    /// a room is used. Rooms without an owner prefix are spread over the loops by name.
    public func own(prefix: String, loopIndex: Int) {
        precondition(loopIndex >= 0 && loopIndex < loops.count, "no such loop")
        owners.withLock { list in
            list.removeAll { $0.prefix == prefix }
            list.append((prefix, loopIndex))
            list.sort { $0.prefix.utf8.count > $1.prefix.utf8.count }
        }
    }

    /// The loop that orders the room.
    public func ownerLoop(of room: String) -> Int {
        let owned = owners.withLock { list in list.first { room.hasPrefix($0.prefix) }?.loop }
        if let owned { return owned }
        if loops.count == 1 { return 0 }
        return StableHash(of: room).place(among: loops.count)
    }

    /// Adds a connection. `then` hears the outcome on the owner loop. A connection of another loop that ends at this moment
    /// may be reported as joined; it is taken out again right after.
    public func join(_ room: String, _ id: ConnectionID, then: (@Sendable (JoinOutcome) -> Void)? = nil) {
        atOwner(room) { context in
            let outcome = context.ownedRooms.join(room, id, context, self)
            then?(outcome)
        }
    }

    /// Takes a connection out; does nothing if it is not in the room.
    public func leave(_ room: String, _ id: ConnectionID) {
        atOwner(room) { context in
            guard context.ownedRooms.remove(room, id) else { return }
            self.at(id.loopIndex) { $0.localRooms.remove(room, id, $0) }
        }
    }

    /// Sends one message to all members but `except`. The bytes are encoded once, now.
    public func send(
        _ room: String, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind, except: ConnectionID? = nil
    ) {
        send(room, SharedFrame(bytes, kind), except: except)
    }

    public func send(_ room: String, _ frame: SharedFrame, except: ConnectionID? = nil) {
        atOwner(room) { context in
            guard let loops = context.ownedRooms.loops(of: room) else { return }
            for (loop, members) in loops.enumerated() where members > 0 {
                self.at(loop) { $0.localRooms.deliver(room, frame, except) }
            }
        }
    }

    /// Tells the number of members, on `loop`.
    public func count(_ room: String, on loop: any EventLoop, _ done: @escaping @Sendable (Int) -> Void) {
        atOwner(room) { context in
            let count = context.ownedRooms.count(room)
            Self.tell(loop) { done(count) }
        }
    }

    /// Tells the members, in no order, on `loop`.
    public func members(_ room: String, on loop: any EventLoop, _ done: @escaping @Sendable ([ConnectionID]) -> Void) {
        atOwner(room) { context in
            let members = context.ownedRooms.members(room)
            Self.tell(loop) { done(members) }
        }
    }

    /// A connection left a room by ending.
    func left(_ room: String, _ id: ConnectionID) {
        atOwner(room) { _ = $0.ownedRooms.remove(room, id) }
    }

    private static func tell(_ loop: any EventLoop, _ call: @escaping @Sendable () -> Void) {
        if loop.inEventLoop { call() } else { loop.execute(call) }
    }

    private func atOwner(_ room: String, _ body: @escaping @Sendable (LoopContext) -> Void) {
        loops.run(ownerLoop(of: room), body)
    }

    /// Runs on a loop: at once on this one, else in the order of the calls.
    func at(_ loop: Int, _ body: @escaping @Sendable (LoopContext) -> Void) {
        guard loop < loops.count else { return }
        loops.run(loop, body)
    }
}
