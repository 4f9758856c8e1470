import Bytes
import Crypto
import Foundation
import NIOCore
import NIOPosix
import NightjarTesting
import Synchronization

/// An event service of the test's own: it speaks the protocol of the game's, and misbehaves when it is told to.
///
/// Each connection has a subscription of its own, which grows with every `subscribe`, and events are delivered by it as the
/// service does. What a client says that the protocol does not know is kept in ``violations``. Any thread.
final class FakeStream: Sendable {
    /// What a connection is subscribed to.
    struct Subscription: Sendable, Equatable {
        var events: Set<String> = []
        var characters: Set<String> = []
        var worlds: Set<String> = []
        var needsBoth = false
    }

    struct State {
        var violations: [String] = []
        /// Commands in the order in which they came, of all connections.
        var commands: [String] = []
        /// Targets of the handshakes.
        var targets: [String] = []
        var connections: [ObjectIdentifier: FakeConnection] = [:]
        var opened = 0
        /// Handshakes are answered with this status; nil: 101.
        var refusal: Int?
        /// Changes what is kept of a subscription, as the service does.
        var alter: (@Sendable (inout Subscription) -> Void)?
        /// Pings are not answered, and nothing is read.
        var isDead = false
    }

    let state = Lock(State())
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let channel: any Channel
    let port: Int

    init() async throws {
        let box = Lock<FakeStream?>(nil)
        channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let stream = box.withLock({ $0 }) else { return }
                    try channel.pipeline.syncOperations.addHandler(FakeConnection(stream, channel))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
        box.withLock { $0 = self }
    }

    /// What `PS2_ESS_URL` is.
    var url: String { "ws://127.0.0.1:\(port)/streaming" }

    func stop() async {
        try? await channel.close()
        try? await group.shutdownGracefully()
    }

    // MARK: Orders

    func refuse(_ status: Int?) { state.withLock { $0.refusal = status } }
    func alter(_ change: (@Sendable (inout Subscription) -> Void)?) { state.withLock { $0.alter = change } }
    func die(_ isDead: Bool) { state.withLock { $0.isDead = isDead } }

    private var all: [FakeConnection] { state.withLock { Array($0.connections.values) } }

    /// Sends a text to all who are connected, whatever they are subscribed to.
    func say(_ text: String) { for one in all { one.send(text) } }
    func say(binary bytes: [UInt8]) { for one in all { one.send(frame: 2, bytes) } }

    /// An event, for those who are subscribed to it.
    func event(_ payload: [String: Any]) {
        let (text, delivery) = Self.message(payload)
        for one in all { one.deliver(text, delivery) }
    }

    /// A burst in one write: so many events, made by their number.
    func storm(_ count: Int, _ payload: (Int) -> [String: Any]) {
        let messages = (0..<count).map { Self.message(payload($0)) }
        for one in all { one.deliver(messages) }
    }

    /// The first half of a frame, and then nothing more: the connection is gone.
    func dropInTheMiddleOfAFrame() { for one in all { one.dropMidFrame() } }
    func drop() { for one in all { one.drop() } }
    /// A close frame.
    func close(_ code: UInt16) { for one in all { one.close(code) } }

    func heartbeat(_ worlds: [String: Bool] = ["Emerald_17": true, "Connery_1": true, "Jaeger_19": false]) {
        let online = worlds.map { #""EventServerEndpoint_\#($0.key)":"\#($0.value)""# }.sorted().joined(separator: ",")
        say(#"{"online":{\#(online)},"service":"event","timestamp":"1763000000","type":"heartbeat"}"#)
    }

    // MARK: What came

    var violations: [String] { state.withLock { $0.violations } }
    var commands: [String] { state.withLock { $0.commands } }
    var opened: Int { state.withLock { $0.opened } }
    var connected: Int { state.withLock { $0.connections.count } }
    var targets: [String] { state.withLock { $0.targets } }

    /// Waits until so many commands have come.
    @discardableResult
    func commands(_ count: Int) async throws -> [String] {
        do {
            return try await eventually("\(count) commands") {
                let all = commands
                return all.count >= count ? all : nil
            }
        } catch let error as WaitedInVain {
            throw WaitedInVain(error.what, error.limit, instead: commands.joined(separator: "\n"))
        }
    }

    /// Waits until somebody has connected for the so-manieth time.
    func opened(_ count: Int) async throws { try await eventually("connection \(count)") { opened >= count } }
    func connected(_ count: Int) async throws { try await eventually("\(count) connections at a time") { connected == count } }

    // MARK: Events

    struct Delivery: Sendable {
        var name: String
        var characters: Set<String>
        var world: String
        var experience: String?
        var isOfWorld: Bool
    }

    private static let worldEvents: Set<String> = ["FacilityControl", "MetagameEvent", "ContinentLock", "ContinentUnlock"]

    static func message(_ payload: [String: Any]) -> (text: String, delivery: Delivery) {
        let message: [String: Any] = ["payload": payload, "service": "event", "type": "serviceMessage"]
        let data = (try? JSONSerialization.data(withJSONObject: message, options: .sortedKeys)) ?? Data()
        func text(_ name: String) -> String? { payload[name].map { "\($0)" } }
        let name = text("event_name") ?? ""
        let characters = [text("character_id"), name == "Death" || name == "VehicleDestroy" ? text("attacker_character_id") : nil].compactMap { $0 }
        return (
            String(decoding: data, as: UTF8.self),
            Delivery(
                name: name, characters: Set(characters), world: text("world_id") ?? "", experience: text("experience_id"),
                isOfWorld: worldEvents.contains(name)))
    }

    /// A Death as the service writes it.
    static func death(_ number: Int, attacker: String = "5429026007696236657", victim: String = "5428010618015189713", world: String = "17", time: Int = 1_763_000_000) -> [String: Any] {
        [
            "attacker_character_id": attacker, "attacker_fire_mode_id": "\(number)", "attacker_loadout_id": "1", "attacker_team_id": "2",
            "attacker_vehicle_id": "0", "attacker_weapon_id": "24003", "character_id": victim, "character_loadout_id": "32",
            "event_name": "Death", "is_critical": "0", "is_headshot": "0", "team_id": "1", "timestamp": "\(time)", "world_id": world, "zone_id": "8",
        ]
    }

    static func rank(_ character: String, _ rank: Int, world: String = "17", time: Int = 1_763_000_000) -> [String: Any] {
        ["battle_rank": "\(rank)", "character_id": character, "event_name": "BattleRankUp", "timestamp": "\(time)", "world_id": world, "zone_id": "8"]
    }
}

extension FakeStream.Subscription {
    /// Whether the service delivers an event.
    func takes(_ event: FakeStream.Delivery) -> Bool {
        let isNamed = events.contains("all") || events.contains(event.name)
            || event.experience.map { events.contains("GainExperience_experience_id_\($0)") } == true && event.name == "GainExperience"
        guard isNamed else { return false }
        let world = worlds.contains("all") || worlds.contains(event.world)
        if event.isOfWorld { return world }
        let character = characters.contains("all") || !characters.isDisjoint(with: event.characters)
        return needsBoth ? world && character : world || character
    }
}
