import Foundation
import NightjarTesting
import Store
import Testing

@testable import Nightjar

/// The commands of docs/casino-audit.md, against a server that plays.
@Suite("Audit commands", .serialized, .timeLimit(.minutes(5)))
struct AuditCommandTests {
    /// Plays rounds of bet and end on one socket; the ids of the rounds.
    private static func play(_ port: Int, _ name: String, site: String = "audit", rounds: Int) throws -> [String] {
        let socket = try BlockingWebSocket(port: port, path: "/session/ws")
        func state() throws -> String { try Self.state(socket).id }
        try socket.send(#"{"auth":{"uid":"\#(name)"},"platform":"demo","site":"\#(site)"}"#)
        try socket.send(#"{"t":"gameload","gameid":"joker_bingo"}"#)
        var id = try state()
        var ids: [String] = []
        for _ in 0..<rounds {
            try socket.send(#"{"t":"action","action":"bet","params":{"amount":4},"sid":"\#(id)"}"#)
            id = try state()
            ids.append(id)
            try socket.send(#"{"t":"action","action":"end","sid":"\#(id)"}"#)
            id = try state()
        }
        return ids
    }

    /// The next state of a game: its id and its name.
    private static func state(_ socket: BlockingWebSocket) throws -> (id: String, name: String) {
        while true {
            let message = try socket.receiveObject()
            if let game = message["gamestate"] as? [String: Any], let id = game["id"] as? String, let name = game["name"] as? String { return (id, name) }
            if message["t"] as? String == "error" { throw Failure(text: "\(message)") }
        }
    }

    /// Plays blackjack: a round that is doubled, then one that stays open; their ids.
    private static func playCards(_ port: Int, _ name: String) throws -> (doubled: String, open: String) {
        let socket = try BlockingWebSocket(port: port, path: "/session/ws")
        try socket.send(#"{"auth":{"uid":"\#(name)"},"platform":"demo","site":"audit"}"#)
        try socket.send(#"{"t":"gameload","gameid":"blackjack"}"#)
        var state = try state(socket)
        let idle = state.name
        /// Deals until there is something to decide: a blackjack ends at once.
        func deal() throws {
            repeat {
                try socket.send(#"{"t":"action","action":"deal","params":{"amount":2},"sid":"\#(state.id)"}"#)
                state = try Self.state(socket)
            } while state.name == idle
        }
        try deal()
        let doubled = state.id
        try socket.send(#"{"t":"action","action":"double","params":{},"sid":"\#(state.id)"}"#)
        state = try Self.state(socket)
        try deal()
        return (doubled, state.id)
    }

    struct Failure: Error { let text: String }

    @Test("rounds, replay, archive and verify, beside the server and after its end")
    func audit() async throws {
        let files = try TestFiles(["sites/audit.json": #"{"id":"audit","initial_credits":1000000,"games":{"joker_bingo":{}}}"#])
        let data = files.path("data")
        func start() throws -> ServerProcess {
            try ServerProcess(arguments: ["--data-dir", data, "--sites", files.path("sites"), "--log-level", "error", "--workers", "2"], directory: files.url)
        }
        func run(_ arguments: String...) throws -> (status: Int32, output: String) { try ServerProcess.run(arguments + ["--data-dir", data]) }
        let server = try start()
        defer { server.kill() }
        let port = server.port
        let few = try await blocking { try Self.play(port, "few", rounds: 3) }
        let many = try await blocking { try Self.play(port, "many", rounds: 1_100) }

        // While it runs.
        var (status, output) = try run("rounds", "few")
        #expect(status == 0)
        #expect(output.split(separator: "\n").filter { $0.hasPrefix("round ") }.map { String($0.dropFirst(6).prefix(36)) } == few.reversed())
        (status, output) = try run("rounds", "--round", few[1], "--json")
        let round = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
        #expect(status == 0 && round["outcome"] as? String == "settled" && (round["steps"] as? [Any])?.count == 2)
        (status, output) = try run("replay", few[1])
        #expect(status == 0 && output.hasSuffix("round \(few[1]), settled: equal to the byte (2 entries)\n"), "\(output)")

        // After kill -9 and a start; what is archived is archived while it runs.
        server.kill()
        let second = try start()
        defer { second.kill() }
        (status, output) = try run("archive", "--days", "0")
        #expect(status == 0 && output.contains("entries up to"), "\(output)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: data + "/archive").count == 1)
        let more = try await blocking { [port = second.port] in try Self.play(port, "few", rounds: 1) }
        (status, output) = try run("replay", "--all")
        #expect(status == 0 && output.contains("equal to the byte: 22"), "\(output)")
        (status, output) = try run("rounds", "few", "--outcome", "settled", "--last", "2")
        #expect(output.split(separator: "\n").filter { $0.hasPrefix("round ") }.map { String($0.dropFirst(6).prefix(36)) } == [more[0], few[2]])
        (status, output) = try run("replay", many[0])
        #expect(status == 0 && output.contains("equal to the byte"))
        #expect(second.terminate() == 0)
        (status, output) = try run("archive", "--days", "0")
        #expect(status == 0 && output.hasPrefix("nothing to archive"), "\(output)")

        // The seal: noted once, asked for later.
        let store = data + "/nightjar.sqlite"
        (status, output) = try ServerProcess.run(["verify", store])
        #expect(status == 0 && output.contains("consistent"), "\(output)")
        let seal = try #require(output.firstMatch(of: /seal (\d+:[0-9a-f]{64})/)).1
        (status, output) = try ServerProcess.run(["verify", store, "--seal", String(seal)])
        #expect(status == 0 && output.contains("as when the seal \(seal.prefix(12))"), "\(output)")
        let other = String(seal.dropLast()) + (seal.hasSuffix("0") ? "1" : "0")
        (status, output) = try ServerProcess.run(["verify", store, "--seal", other])
        #expect(status == 1 && output.contains("was changed since the seal was noted"), "\(output)")
        #expect(try ServerProcess.run(["verify", store, "--seal", "12:34"]).status == 1)

        // A file of the archive that is missing is named by all of them, and found in another folder.
        try FileManager.default.moveItem(atPath: data + "/archive", toPath: files.path("elsewhere"))
        (status, output) = try ServerProcess.run(["verify", store])
        #expect(status == 1 && output.contains("is not there"), "\(output)")
        (status, output) = try run("replay", "--all")
        #expect(status == 2 && output.contains("Put the file back"), "\(output)")
        #expect(try ServerProcess.run(["verify", store, "--archives", files.path("elsewhere")]).status == 0)
    }

    @Test("rounds are found by mark, game, site, outcome and wallet; what engines keep to themselves is in no output")
    func options() async throws {
        let files = try TestFiles([
            "sites/audit.json": #"{"id":"audit","initial_credits":1000,"games":{"joker_bingo":{},"blackjack":{}}}"#,
            "sites/dollars.json": #"{"id":"dollars","denom":"usd","initial_credits":1000,"games":{"joker_bingo":{}}}"#,
        ])
        let server = try ServerProcess(
            arguments: ["--data-dir", files.path("data"), "--sites", files.path("sites"), "--log-level", "error"], directory: files.url)
        defer { server.kill() }
        func found(_ arguments: String...) throws -> [String] {
            let (status, output) = try ServerProcess.run(["rounds"] + arguments + ["--data-dir", files.path("data")])
            let rounds = output.split(separator: "\n").filter { $0.hasPrefix("round ") }.map { String($0.dropFirst(6).prefix(36)) }
            #expect((status == 0) == !rounds.isEmpty, "\(arguments): \(output)")
            return rounds
        }
        let port = server.port
        let bingo = try await blocking { try Self.play(port, "ann", rounds: 2) }
        let dollars = try await blocking { try Self.play(port, "ann", site: "dollars", rounds: 1) }
        // One round with a mark: doubled, or a blackjack at once. And one that is open.
        let (cards, open) = try await blocking { try Self.playCards(port, "eve") }

        #expect(try found("--mark", "doubled") == [cards])
        #expect(try found("--game", "blackjack", "--outcome", "settled").contains(cards))
        #expect(try Set(found("--game", "joker_bingo")) == Set(bingo + dollars))
        #expect(try found("--site", "dollars") == dollars)
        #expect(try found("eve", "--outcome", "open") == [open] && found("--outcome", "voided").isEmpty)
        let (status, output) = try ServerProcess.run(["rounds", "ann", "--data-dir", files.path("data")])
        #expect(status == 1 && output.contains("--platform demo --denom credit") && output.contains("--platform demo --denom usd"), "\(output)")
        #expect(try found("ann", "--denom", "usd", "--platform", "demo") == dollars && found("demo:eve", "--mark", "doubled") == [cards])
        let (refused, words) = try ServerProcess.run(["rounds", "--outcome", "setled", "--data-dir", files.path("data")])
        #expect(refused == 1 && words.contains("did you mean 'settled'?"), "\(words)")

        for command in [["rounds", "eve"], ["rounds", "eve", "--json"], ["rounds", "--round", open], ["replay", "--all"], ["replay", open]] {
            let (_, text) = try ServerProcess.run(command + ["--data-dir", files.path("data")])
            for word in ["private", "hole", "deck"] { #expect(!text.contains(word), "\(command): \(text)") }
        }
    }

    @Test("mistakes are one line that says what to do")
    func mistakes() throws {
        let files = try TestFiles(["data/keep": ""])
        for (arguments, words) in [
            (["rounds", "ann"], "--data-dir"), (["replay", "--all"], "--data-dir"), (["archive"], "--data-dir"),
        ] {
            let (status, output) = try ServerProcess.run(arguments + ["--data-dir", files.path("data")])
            #expect(status == 2 && output.contains("there is no store") && output.contains(words), "\(output)")
            #expect(output.split(separator: "\n").count == 1)
        }
        for (arguments, words) in [
            (["replay"], "say which round"), (["replay", "--all", "x"], "say which round"), (["rounds", "--last", "0"], "from 1 to 100"),
            (["rounds", "--last", "101"], "from 1 to 100"), (["rounds", "--last", "few"], "--last"), (["rounds", "--round", "7"], "must be an id like"),
            (["rounds", "--outcome", "won"], "They end as"), (["rounds", "--mark"], "--mark"),
            (["archive", "--days", "-1"], "days"),
        ] {
            let (status, output) = try ServerProcess.run(arguments + ["--data-dir", files.path("data")])
            #expect(status == 1 && output.contains(words), "\(output)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: files.path("data")) == ["keep"])
        let (status, output) = try ServerProcess.run(["rounds", "--help"])
        #expect(status == 0 && output.contains("So many rounds at most, 1 to 100. (default: 100)"), "\(output)")
        #expect(output.split(separator: "\n").joined(separator: " ").contains("The newest come first"), "\(output)")
    }
}
