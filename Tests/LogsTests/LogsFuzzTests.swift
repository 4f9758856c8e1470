import Foundation
import NightjarTesting
import Testing

/// Bodies nobody would send on purpose.
@Suite("Live logs, random bodies", .timeLimit(.minutes(5)))
struct LogsFuzzTests {
    private static let texts = [
        #""""#, #""a""#, #""{""#, #""]""#, #""\"""#, #""\\""#, #""\\\"},{""#, #""ü\ud83d\ude00""#, #""seqNumber""#, #"",""#,
    ]
    private static let names = [
        #""msg""#, #""room""#, #""serverTime""#, #""seqNumber""#, #""ro\u006fm""#, #""a,b""#, #""}""#, #""""#,
    ]
    private static let spaces = ["", "", "", " ", "\n", "\t ", "\r\n"]

    private func space(_ random: inout Seeded) -> String { Self.spaces.randomElement(using: &random)! }

    private func value(_ depth: Int, _ random: inout Seeded) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &random) {
        case 0, 1: Self.texts.randomElement(using: &random)!
        case 2: String(Int64(bitPattern: random.next()))
        case 3: ["-0", "1.50", "1e3", "123456789012345678901234567890"].randomElement(using: &random)!
        case 4: ["true", "false", "null"].randomElement(using: &random)!
        case 5:
            "[" + (0..<Int.random(in: 0...4, using: &random)).map { _ in space(&random) + value(depth - 1, &random) + space(&random) }
                .joined(separator: ",") + "]"
        default: object(depth - 1, &random)
        }
    }

    private func object(_ depth: Int, _ random: inout Seeded) -> String {
        var members: [String] = []
        for name in Self.names.shuffled(using: &random).prefix(Int.random(in: 0...5, using: &random)) {
            members.append(space(&random) + name + space(&random) + ":" + space(&random) + value(depth, &random) + space(&random))
        }
        return "{" + (members.isEmpty ? space(&random) : members.joined(separator: ",")) + "}"
    }

    private func body(_ random: inout Seeded) -> [UInt8] {
        let list = "[" + (0..<Int.random(in: 0...5, using: &random)).map { _ in space(&random) + object(3, &random) }.joined(separator: ",") + "]"
        var bytes = Array((space(&random) + (Bool.random(using: &random) ? list : object(3, &random)) + space(&random)).utf8)
        // Every other one is damaged in one place.
        if Bool.random(using: &random), !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            default: bytes.insert(Array("{}[]\",:\\0".utf8).randomElement(using: &random)!, at: place)
            }
        }
        return bytes
    }

    @Test("every body is relayed whole or refused, and what is relayed is what was sent", arguments: [1, 2, 3] as [UInt64])
    func bodies(_ seed: UInt64) async throws {
        let server = try await LogsServer(loops: 1)
        let all = try await server.listen()
        let client = try await HTTPTestClient.connect(port: server.port)
        var random = Seeded(seed)
        var accepted: [String] = []
        for _ in 0..<300 {
            let bytes = body(&random)
            let status = try await client.request("POST", "/logs/add", body: bytes).status
            #expect([200, 400].contains(status), "\(String(decoding: bytes, as: UTF8.self))")
            guard status == 200 else { continue }
            let json = try JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed])
            let sent = json as? [[String: Any]] ?? [json as? [String: Any] ?? [:]]
            accepted += try sent.map { try canonical($0) }
        }
        #expect(try await client.request("POST", "/logs/add", body: Array(#"{"msg":"last of all"}"#.utf8)).status == 200)
        var relayed = try await all.entries(until: "last of all").sorted { Self.number($0) < Self.number($1) }
        relayed.removeLast()
        #expect(accepted.count > 150)
        #expect(relayed.count == accepted.count)
        for (one, other) in zip(relayed, accepted) { #expect(try canonical(one) == other) }
        await client.connection.close()
        await all.disconnect()
        await server.stop()
    }

    private static func number(_ entry: [String: Any]) -> Int64 { entry["seqNumber"] as? Int64 ?? 0 }

    /// An entry without what the server decides.
    private func canonical(_ entry: [String: Any]) throws -> String {
        var entry = entry
        entry["serverTime"] = nil
        entry["seqNumber"] = nil
        if !(entry["room"] is String) { entry["room"] = "" }
        return String(decoding: try JSONSerialization.data(withJSONObject: entry, options: [.sortedKeys]), as: UTF8.self)
    }
}
