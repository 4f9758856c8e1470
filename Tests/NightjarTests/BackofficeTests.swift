import Bytes
import Foundation
import Games
import Logging
import NIOPosix
import NightjarTesting
import Store
import Synchronization
import Testing

@testable import Nightjar

/// The back office as a process, and a server of games that tells it.
@Suite("Back office", .serialized, .timeLimit(.minutes(10)))
struct BackofficeTests {
    private func office(_ files: TestFiles, port: Int = 0) throws -> ServerProcess {
        try ServerProcess("backoffice", port: port, arguments: ["--data-dir", files.path("books"), "--log-level", "error"], directory: files.url)
    }

    private func books(_ port: Int, _ path: String) async throws -> [String: Any] {
        let answer = try await HTTPTestClient.request(port: port, "GET", "/books/" + path)
        #expect(answer.status == 200)
        return try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
    }

    @Test("it serves its page alone, and its books survive")
    func serves() async throws {
        let files = try TestFiles()
        let first = try office(files)
        #expect(try await HTTPTestClient.request(port: first.port, "GET", "/").text.contains("<title>Back office"))
        // Nothing of the other packages is there.
        #expect(try await HTTPTestClient.request(port: first.port, "GET", "/demo/portal").status == 404)
        let body = #"{"platform":"demo","site":"demo","user":{"uid":"ann"}}"#
        #expect(try await HTTPTestClient.request(port: first.port, "POST", "/rgs-api/sessions", body: Array(body.utf8)).status == 200)
        #expect(first.terminate() == 0)
        let second = try office(files)
        #expect(try await books(second.port, "players")["count"] as? Int == 1)
        #expect(second.terminate() == 0)
    }

    @Test("it is not shown to other machines without a token")
    func isNotExposed() throws {
        let files = try TestFiles()
        let refused = try ServerProcess.run(["backoffice", "--host", "0.0.0.0", "--port", "0", "--data-dir", files.path("books")])
        #expect(refused.status == 1 && refused.output.contains("BACKOFFICE_TOKEN"), "\(refused.output)")
    }

    @Test("its settings are those that concern it, with a folder of its own")
    func settings() {
        var settings = Settings()
        settings.httpPort = 80
        settings.listeners = ["sync": .init(host: "127.0.0.1", port: 5001), "backoffice": .init(host: "127.0.0.2", port: 7)]
        settings.rgsBase = "http://example.org/"
        settings.cert = "x"
        let own = settings.forBackoffice(ownsDataFolder: false)
        #expect(own.host == "127.0.0.2" && own.httpPort == 7 && own.listeners.isEmpty && own.cert == nil && own.rgsBase == nil)
        #expect(own.dataDirectory == "data/backoffice" && settings.forBackoffice(ownsDataFolder: true).dataDirectory == "data")
        #expect(Settings().forBackoffice(ownsDataFolder: false).httpPort == 5040)
    }

    @Test("the address of a back office is checked", arguments: [
        ("http://127.0.0.1:5040/rgs-api/", "http://127.0.0.1:5040/rgs-api/"), ("https://office.example/x", "https://office.example/x/"),
        ("office.example", nil), ("ftp://office.example/", nil), ("http://", nil), ("http://a/?x=1", nil),
    ] as [(String, String?)])
    func address(_ given: String, _ taken: String?) async throws {
        guard let taken else {
            await #expect(throws: SettingsError.self) { try await Settings.load(path: nil, environment: ["NIGHTJAR_RGS_BASE": given]) }
            return
        }
        let settings = try await Settings.load(path: nil, environment: ["NIGHTJAR_BACKOFFICE_URL": "http://old/", "NIGHTJAR_RGS_BASE": given])
        #expect(settings.rgsBase == taken && settings.casino.reportsToBackOffice)
        let object = String(decoding: settings.packageObjects["casino"] ?? [], as: UTF8.self).replacing("\\/", with: "/")
        #expect(object == #"{"rgs_base":"\#(taken)"}"#)
    }

    /// Server and back office are killed in turn while players play: each round that has ended stands in the books once, with
    /// what it cost and paid.
    @Test("each round arrives exactly once, whoever is killed")
    func survivesKills() async throws { try await kill(times: 6, seed: 1) }

    @Test("Soak: two hundred kills", .enabled(if: ProcessInfo.processInfo.environment["NIGHTJAR_SOAK"] != nil), .timeLimit(.minutes(60)))
    func soakKills() async throws { try await kill(times: 200, seed: 2) }

    private func kill(times: Int, seed: UInt64) async throws {
        let files = try TestFiles()
        var random = Seeded(seed)
        var office = try office(files)
        let port = office.port
        let environment = ["NIGHTJAR_RGS_BASE": "http://127.0.0.1:\(port)/rgs-api/"]
        func serve() throws -> ServerProcess {
            try ServerProcess(arguments: ["--data-dir", files.path("data"), "--log-level", "error", "--workers", "2"], environment: environment, directory: files.url)
        }
        var server = try serve()
        for turn in 0..<times {
            let target = Int.random(in: 20...60, using: &random)
            let players = Self.players.map { Playing($0, port: server.port) }
            try await eventually("\(target) rounds") { players.reduce(0) { $0 + $1.rounds } >= target }
            if turn % 2 == 0 {
                server.kill()
            } else {
                // The players go on while it is away.
                office.kill()
                try await eventually("ten rounds more") { players.reduce(0) { $0 + $1.rounds } >= target + 10 }
                server.kill()
                office = try self.office(files, port: port)
            }
            for player in players { try await player.end() }
            server = try serve()
        }
        // What a kill has left open is played to its end.
        for name in Self.players {
            let last = Playing(name, port: server.port, rounds: 1)
            try await last.end()
            #expect(last.rounds == 1)
        }
        let ended = try await self.ended(in: files, server)
        try await eventually("\(ended.rounds) rounds in the books", within: .seconds(120)) {
            try await self.books(port, "overview")["games"].map { ($0 as? [[String: Any]])?.first?["rounds"] as? Int ?? 0 == ended.rounds } ?? false
        }
        let game = try #require((try await books(port, "overview")["games"] as? [[String: Any]])?.first)
        #expect(game["total_in"] as? Int == ended.paid && game["total_out"] as? Int == ended.won)
        #expect(ended.rounds > times * 20)
        #expect(server.terminate() == 0)
        #expect(office.terminate() == 0)
    }

    private static let players = ["ann", "bob", "cid"]

    /// How many rounds have ended in the journal, and what they cost and paid: all of them, for every session has ended its last.
    private func ended(in files: TestFiles, _ server: ServerProcess) async throws -> (rounds: Int, paid: Int, won: Int) {
        let store = try SQLiteStore(path: files.path("data") + "/nightjar.sqlite", logger: Logger(label: "test"))
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        var entries: [JournalEntry] = []
        while true {
            let seq = entries.last?.seq ?? 0
            let more = try await answer("the journal") { store.journal(since: seq, limit: 1_000, on: loop, $0) }.get()
            if more.isEmpty { break }
            entries += more
        }
        await store.close()
        let moved = entries.filter { $0.kind != .opening }.flatMap(\.ledger)
        let paid = moved.filter { $0.amount < 0 }.reduce(0) { $0 - Int($1.amount) }
        let won = moved.filter { $0.amount > 0 }.reduce(0) { $0 + Int($1.amount) }
        return (entries.count { $0.opensRound }, paid, won)
    }
}

/// Plays whole rounds of Coin Toss on a thread of its own, until the server is gone or so many are played. Any thread.
private final class Playing: Sendable {
    private let played = Lock(0)
    private let ending = Letterbox<Void>("the end of a player")

    var rounds: Int { played.withLock { $0 } }

    init(_ name: String, port: Int, rounds: Int = .max) {
        Thread.detachNewThread {
            try? self.play(name, port, rounds)
            self.ending.put(())
        }
    }

    func end() async throws { try await ending.next() }

    private func play(_ name: String, _ port: Int, _ most: Int) throws {
        let socket = try BlockingWebSocket(port: port, path: "/session/ws")
        try socket.send(#"{"auth":{"uid":"\#(name)"},"platform":"demo","site":"demo"}"#)
        _ = try socket.receive()
        try socket.send(#"{"t":"gameload","gameid":"coin_toss"}"#)
        var state = try socket.receiveObject()
        while rounds < most {
            let game = state["gamestate"] as? [String: Any] ?? [:]
            let action = game["name"] as? String == "won" ? #""take""# : #""toss","params":{"call":"heads","amount":1}"#
            try socket.send(#"{"t":"action","action":\#(action),"sid":"\#(game["id"] as? String ?? "")"}"#)
            state = try socket.receiveObject()
            guard let next = (state["gamestate"] as? [String: Any])?["name"] as? String else { return }
            if next == "idle" { played.withLock { $0 += 1 } }
        }
    }
}
