import Bytes
import Crypto
import Foundation
import NIOCore
import Synchronization

/// One client of a ``FakeStream``: the handshake, frames, and its subscription.
///
/// @unchecked Sendable: everything but the channel is touched on its event loop only.
final class FakeConnection: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let stream: FakeStream
    private let channel: any Channel
    private var bytes = ByteBuffer()
    private var isOpen = false
    private var subscription = FakeStream.Subscription()
    /// Of a message in several frames.
    private var fragments: [UInt8] = []

    init(_ stream: FakeStream, _ channel: any Channel) {
        self.stream = stream
        self.channel = channel
    }

    // MARK: From the test, any thread

    func send(_ text: String) { send(frame: 1, Array(text.utf8)) }

    func send(frame opcode: UInt8, _ payload: [UInt8]) {
        channel.eventLoop.execute { self.write(Self.frame(opcode, payload)) }
    }

    func deliver(_ text: String, _ event: FakeStream.Delivery) { deliver([(text, event)]) }

    func deliver(_ messages: [(text: String, delivery: FakeStream.Delivery)]) {
        channel.eventLoop.execute {
            var all: [UInt8] = []
            for (text, event) in messages where self.subscription.takes(event) { all += Self.frame(1, Array(text.utf8)) }
            self.write(all)
        }
    }

    func dropMidFrame() {
        channel.eventLoop.execute {
            self.write(Array(Self.frame(1, Array(#"{"payload":{"event_name":"Death""#.utf8)).dropLast(9)))
            self.channel.close(promise: nil)
        }
    }

    func drop() { channel.close(promise: nil) }

    func close(_ code: UInt16) {
        channel.eventLoop.execute { self.write(Self.frame(8, [UInt8(code >> 8), UInt8(code & 255)])) }
    }

    // MARK: On the loop

    private func write(_ bytes: [UInt8]) {
        guard isOpen, !bytes.isEmpty else { return }
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    private func violation(_ text: String) { stream.state.withLock { $0.violations.append(text) } }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !stream.state.withLock({ $0.isDead }) else { return }
        var piece = unwrapInboundIn(data)
        bytes.writeBuffer(&piece)
        if !isOpen { handshake() }
        while isOpen, let (opcode, isFinal, payload) = nextFrame() { take(opcode, isFinal, payload) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isOpen = false
        _ = stream.state.withLock { $0.connections.removeValue(forKey: ObjectIdentifier(self)) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func handshake() {
        let text = String(decoding: bytes.readableBytesView, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return }
        bytes.clear()
        let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        let target = lines[0].split(separator: " ").dropFirst().first.map(String.init) ?? ""
        let key = lines.first { $0.lowercased().hasPrefix("sec-websocket-key:") }?.split(separator: ":", maxSplits: 1)[1].trimmingCharacters(in: .whitespaces)
        let refusal = stream.state.withLock { state in
            state.targets.append(target)
            return state.refusal
        }
        guard refusal == nil, let key else {
            let answer = "HTTP/1.1 \(refusal ?? 400) No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            channel.writeAndFlush(ByteBuffer(string: answer)).whenComplete { _ in self.channel.close(promise: nil) }
            return
        }
        let accept = Data(Insecure.SHA1.hash(data: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))).base64EncodedString()
        isOpen = true
        channel.writeAndFlush(
            ByteBuffer(string: "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: \(accept)\r\n\r\n"),
            promise: nil)
        stream.state.withLock { state in
            state.connections[ObjectIdentifier(self)] = self
            state.opened += 1
        }
        write(Self.frame(1, Array(#"{"connected":"true","service":"push","type":"connectionStateChanged"}"#.utf8)))
        write(Self.frame(1, Array(#"{"send this for help":{"service":"event","action":"help"}}"#.utf8)))
        write(Self.frame(1, Array(#"{"detail":"EventServerEndpoint_Emerald_17","online":"true","service":"event","type":"serviceStateChanged"}"#.utf8)))
    }

    /// The next complete frame of the client, unmasked.
    private func nextFrame() -> (UInt8, Bool, [UInt8])? {
        let view = bytes.readableBytesView
        guard view.count >= 2 else { return nil }
        let start = view.startIndex
        var length = Int(view[start + 1] & 0x7F), at = start + 2
        if length >= 126 {
            let width = length == 126 ? 2 : 8
            guard view.count >= 2 + width else { return nil }
            length = view[at..<(at + width)].reduce(0) { $0 << 8 | Int($1) }
            at += width
        }
        guard view[start + 1] & 0x80 != 0 else {
            violation("a frame without a mask")
            channel.close(promise: nil)
            return nil
        }
        guard view.endIndex - at >= 4 + length else { return nil }
        let mask = Array(view[at..<(at + 4)])
        let payload = view[(at + 4)..<(at + 4 + length)].enumerated().map { $1 ^ mask[$0 & 3] }
        let first = view[start]
        bytes.moveReaderIndex(forwardBy: at - start + 4 + length)
        return (first & 15, first & 0x80 != 0, payload)
    }

    private func take(_ opcode: UInt8, _ isFinal: Bool, _ payload: [UInt8]) {
        switch opcode {
        case 0, 1, 2:
            if opcode == 2 { violation("a binary message") }
            fragments += payload
            guard isFinal else { return }
            command(String(decoding: fragments, as: UTF8.self))
            fragments = []
        case 8:
            write(Self.frame(8, payload))
            channel.close(promise: nil)
        case 9: write(Self.frame(10, payload))
        default: break
        }
    }

    static func frame(_ opcode: UInt8, _ payload: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = [0x80 | opcode]
        if payload.count < 126 {
            bytes.append(UInt8(payload.count))
        } else if payload.count < 65_536 {
            bytes += [126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        } else {
            bytes.append(127)
            for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(payload.count >> shift & 255)) }
        }
        return bytes + payload
    }

    // MARK: Commands

    private static let members: [String: Set<String>] = [
        "subscribe": ["service", "action", "characters", "worlds", "eventNames", "logicalAndCharactersWithWorlds", "list_characters"],
        "clearSubscribe": ["service", "action", "characters", "worlds", "eventNames", "all"],
        "echo": ["service", "action", "payload"], "recentCharacterIds": ["service", "action"],
        "recentCharacterIdsCount": ["service", "action"], "help": ["service", "action"],
    ]

    private func command(_ text: String) {
        stream.state.withLock { $0.commands.append(text) }
        guard let command = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else { return violation("no JSON: \(text)") }
        guard command["service"] as? String == "event", let action = command["action"] as? String, let known = Self.members[action] else {
            return violation("no command: \(text)")
        }
        for name in command.keys where !known.contains(name) { violation("\(name) is no member of \(action): \(text)") }
        for name in ["characters", "worlds", "eventNames"] where command[name] != nil {
            guard let list = command[name] as? [String], !list.isEmpty else { return violation("\(name) is no list of strings: \(text)") }
            if list.contains("all") && list.count > 1 && action == "subscribe" { violation("all is not alone: \(text)") }
            if name != "eventNames", list.contains(where: { $0 != "all" && !$0.allSatisfy(\.isNumber) }) { violation("\(name) are no ids: \(text)") }
            if name == "eventNames", action == "subscribe" { check(list, text) }
        }
        if let flag = command["logicalAndCharactersWithWorlds"], !["true", "false"].contains(flag as? String) { violation("the flag is no string: \(text)") }
        switch action {
        case "subscribe": subscribe(command)
        case "clearSubscribe": clear(command)
        default: return
        }
        echo()
    }

    private static let names: Set<String> = [
        "all", "AchievementEarned", "BattleRankUp", "Death", "FacilityControl", "GainExperience", "ItemAdded", "MetagameEvent",
        "PlayerFacilityCapture", "PlayerFacilityDefend", "PlayerLogin", "PlayerLogout", "SkillAdded", "VehicleDestroy", "ContinentLock",
        "ContinentUnlock", "FishScan",
    ]

    private func check(_ names: [String], _ text: String) {
        for name in names where !Self.names.contains(name) && name.wholeMatch(of: /GainExperience_experience_id_\d+/) == nil {
            violation("\(name) is no event: \(text)")
        }
    }

    private func subscribe(_ command: [String: Any]) {
        subscription.events.formUnion(command["eventNames"] as? [String] ?? [])
        subscription.characters.formUnion(command["characters"] as? [String] ?? [])
        subscription.worlds.formUnion(command["worlds"] as? [String] ?? [])
        if let flag = command["logicalAndCharactersWithWorlds"] as? String { subscription.needsBoth = flag == "true" }
        stream.state.withLock { $0.alter }?(&subscription)
    }

    private func clear(_ command: [String: Any]) {
        if command["all"] != nil { subscription = FakeStream.Subscription() }
        subscription.events.subtract(command["eventNames"] as? [String] ?? [])
        subscription.characters.subtract(command["characters"] as? [String] ?? [])
        subscription.worlds.subtract(command["worlds"] as? [String] ?? [])
    }

    private func echo() {
        var members: [String: Any] = [
            "eventNames": subscription.events.sorted(), "worlds": subscription.worlds.sorted(),
            "logicalAndCharactersWithWorlds": subscription.needsBoth,
        ]
        if subscription.characters.contains("all") {
            members["characters"] = ["all"]
        } else {
            members["characterCount"] = subscription.characters.count
        }
        let data = (try? JSONSerialization.data(withJSONObject: ["subscription": members], options: .sortedKeys)) ?? Data()
        write(Self.frame(1, Array(data)))
    }
}
