import Bytes
import Foundation
import Logging
import LuaRuntime
import NIOCore
import NIOEmbedded
import NightjarTesting
import Store
import Synchronization
import Testing
import Transport

@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// A round in a few lines of Swift, under the same rules of money as the engines in Lua: `bet {"amount": n}` opens a round (and
/// ends a running one first), `extra` costs 1, `end` pays 2, `boom` breaks.
final class TossEngines: GameEngines {
    var manifests: [String: GameManifest]
    var version: Int64 = 1

    /// - Parameter unfinished: What becomes of a round that nobody finishes.
    init(unfinished: String = "pay") {
        manifests = Dictionary(uniqueKeysWithValues: ["toss_up", "other"].map { name in
            (name, try! GameManifest(parsing: Array(#"{"id":"\#(name)","unfinished":"\#(unfinished)","settings":{"win":2}}"#.utf8), folder: name))
        })
    }

    func loaded(_ game: String) -> LoadedGame? {
        manifests[game].map { LoadedGame(manifest: $0, version: version, migrates: false, engine: nil) }
    }
    func canonicalID(of name: String) -> String? { manifests.keys.first { $0 == GameName.folded(name) } }

    static let idle = Array(#"{"name":"idle","data":{},"actions":["bet","boom"]}"#.utf8)
    static let game = Array(#"{"name":"game","data":{},"actions":["bet","extra","end"]}"#.utf8)

    func act(_ call: GameCall) -> ActionOutcome {
        var outcome = ActionOutcome(generation: GenerationNumber(number: 1), engineVersion: version)
        let run = GameRun(call)
        if let rule = run.fault {
            outcome.fault = GameFault(code: rule.code, game: call.game, operation: call.operation.label, position: nil, reason: rule.message)
            return outcome
        }
        func close(_ state: [UInt8]) {
            _ = state.withUnsafeBytes { run.close($0, draws: 0) }
            run.rekey()
        }
        let isOpen = call.state.map { StateBlob.offers("end", in: $0) } ?? false
        switch call.operation {
        case .start, .void: close(Self.idle)
        case .timeout, .action("end", _):
            _ = run.credit(2, .win)
            close(Self.idle)
        case .action("extra", _):
            if run.debit(1, .extra) == .taken { close(Self.game) }
        case .action("bet", let params):
            let amount = params.withUnsafeBytes { (try? JSONObject($0))?["amount"]?.integer }
            guard let amount, amount > 0 else {
                outcome.refusal = GameRefusal(code: .badParams, detail: "amount")
                return outcome
            }
            if isOpen {
                _ = run.credit(2, .win)
                close(Self.idle)
            }
            if run.debit(amount, .bet) == .taken { close(Self.game) }
        default:
            outcome.fault = GameFault(
                code: "runtime", game: call.game, operation: "action boom", position: "engines/toss.lua:7", reason: "boom")
            return outcome
        }
        outcome.take(run, isFinishable: run.steps.last.map { !StateBlob.offers("end", in: $0.blob) } ?? false)
        return outcome
    }

    func isFinishable(_ slot: GameSlot, settings: GameSettings) -> Result<Bool, GameFault> { .success(!StateBlob.offers("end", in: slot.blob)) }
    func migrated(_ slot: GameSlot, settings: GameSettings) -> Result<MigratedState?, GameFault> { .success(nil) }
}

/// Keeps what would go to sockets.
final class RecordingSockets: SessionSockets {
    let eventLoop: any EventLoop
    var sent: [ConnectionID: [[String: Any]]] = [:]
    var closed: [ConnectionID: UInt16] = [:]

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func send(_ id: ConnectionID, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {
        let object = try! JSONSerialization.jsonObject(with: Data(bytes)) as! [String: Any]
        sent[id, default: []].append(object)
    }

    func close(_ id: ConnectionID, code: UInt16, reason: String) { closed[id] = code }
}

/// The package `casino` without Lua: `userdata` merges a message's values into the data, `echo` answers what it was sent, everything
/// else fails. What is asked
/// while it holds waits for `release`, as for a store or another server.
final class PlainScripts: ScriptCaller {
    var isHolding = false
    /// Asked and not answered.
    private(set) var held = CircularBuffer<() -> Void>()

    func call(_ function: String, _ arguments: [[UInt8]], _ done: @escaping (ScriptAnswer) -> Void) {
        let answer = Self.answer(function, arguments)
        if isHolding { held.append { done(answer) } } else { done(answer) }
    }

    /// Answers what was asked first.
    func release() { held.popFirst()?() }

    private static func answer(_ function: String, _ arguments: [[UInt8]]) -> ScriptAnswer {
        guard function == "casino.component" else { return .results([Array("{}".utf8)]) }
        if String(decoding: arguments[0], as: UTF8.self) == "\"echo\"" { return .results([arguments[2]]) }
        guard String(decoding: arguments[0], as: UTF8.self) == "\"userdata\"" else { return refusal("unknown_component") }
        func object(_ text: [UInt8], _ member: String) -> [String: Any]? {
            (try? JSONSerialization.jsonObject(with: Data(text)) as? [String: Any])?[member] as? [String: Any]
        }
        guard let values = object(arguments[2], "values") else { return refusal("component_error") }
        let merged = (object(arguments[1], "userdata") ?? [:]).merging(values) { _, new in new }
        return .results([Array(try! JSONSerialization.data(withJSONObject: ["userdata": merged]))])
    }

    private static func refusal(_ code: String) -> ScriptAnswer { .results(["null", "\"\(code)\"", "\"refused\""].map { Array($0.utf8) }) }
}

/// Keeps the lines of a log. Any thread.
struct KeptLog: LogHandler {
    private let lines = Lines()
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    private final class Lines: Sendable { let all = Lock<[String]>([]) }

    func log(event: LogEvent) { lines.all.withLock { $0.append("\(event.level): \(event.message)") } }

    func count(_ text: String) -> Int { lines.all.withLock { $0.count { $0.contains(text) } } }
}

/// One casino loop on an event loop that turns when the test says so, everything in memory. Used on its loop only.
final class HomeFixture {
    let loop: CasinoLoop
    let sockets: RecordingSockets
    let engines: TossEngines
    let scripts = PlainScripts()
    let store: MemoryStore
    let faults = StoreFaults()
    let site: Site
    private var serial: UInt64 = 0
    /// What sessions come with.
    var wallet = WalletKind.stored
    var token = ""

    init(
        _ eventLoop: any EventLoop, debug: Bool = false, initialCredits: Int64 = 10, levels: String = "{}", otherStore: MemoryStore? = nil, outbox: HeldOutbox? = nil,
        clock: ManualClock = ManualClock(), unfinished: String = "pay", entropy: Entropy = .system, reports: Bool = false,
        wallets: WalletDirectory = WalletDirectory(isKnown: true), log: KeptLog = KeptLog()
    ) throws {
        engines = TossEngines(unfinished: unfinished)
        sockets = RecordingSockets(eventLoop: eventLoop)
        store = otherStore ?? MemoryStore(faults: faults)
        let directory = SiteDirectory()
        let text = """
            [{"id":"s","initial_credits":\(initialCredits),"manual_credits":true,"games":[{"id":"toss-up","settings":{}},{"id":"other","settings":{}}],
            "denomination":{"name":"credit","prefix":"","suffix":"","integer":true,"money_multiplier":1,"rgs_id":"CRE"},"levels":\(levels)}]
            """
        #expect(directory.replace(Array(text.utf8)))
        site = try #require(directory.site("s"))
        var configuration = CasinoConfiguration()
        configuration.debug = debug
        configuration.reportsToBackOffice = reports
        configuration.entropy = entropy
        let shared = CasinoShared(
            configuration: configuration, sites: directory, ledger: store, keys: store, outbox: outbox ?? store, wallets: wallets,
            logger: Logger(label: "test", factory: { _ in log }), loopCount: 1, wallClock: { clock.now })
        loop = CasinoLoop(index: 0, sockets: sockets, games: engines, scripts: CasinoScripts(scripts), shared: shared)
        loop.begin([CasinoPeer(loop)])
    }

    /// Turns the loop until nothing waits: all answers of the store have come.
    func settle() { (loop.eventLoop as! EmbeddedEventLoop).run() }

    /// Attaches a session of `user`.
    func attach(_ user: String, of platform: String = "demo", registration: Registration? = nil) -> ConnectionID {
        serial += 1
        let id = ConnectionID(rawValue: serial)
        let key = UserKey(realm: platform, user: user)
        loop.receive(.attach(AttachRequest(
            user: key, isFirst: false, connection: id, site: site, wallet: wallet, registration: registration, token: token)))
        settle()
        return id
    }

    /// Attaches a session of the user `u` that has loaded a game, and forgets what it has heard.
    func playing(_ game: String = "toss_up", registration: Registration? = nil) -> ConnectionID {
        let id = attach("u", registration: registration)
        command(id, .load(game: game))
        _ = heard(id)
        return id
    }

    func command(_ id: ConnectionID, _ command: SessionCommand, user: String = "u") {
        loop.receive(.command(UserKey(realm: "demo", user: user), id, command))
        settle()
    }

    func action(_ id: ConnectionID, _ name: String, _ params: String = "{}", sid: String? = nil, user: String = "u") {
        command(id, .action(name: name, params: Array(params.utf8), sid: sid ?? stateID(id) ?? ""), user: user)
    }

    /// A message to the component `userdata` that sets one key.
    func set(_ id: ConnectionID, _ key: String, _ value: Int, user: String = "u") {
        command(id, .component(which: "userdata", message: Array("{\"values\":{\"\(key)\":\(value)}}".utf8)), user: user)
    }

    /// A message to the component `echo`, which answers this.
    func answer(_ id: ConnectionID, _ answer: String, user: String = "u") {
        command(id, .component(which: "echo", message: Array(answer.utf8)), user: user)
    }

    func take(_ id: ConnectionID) -> [[String: Any]] {
        settle()
        return sockets.sent.removeValue(forKey: id) ?? []
    }

    /// Short forms of what came since the last look: `state idle 10`, `state - 10`, `error code`, `component which`.
    func heard(_ id: ConnectionID) -> [String] {
        take(id).map { message in
            remember(id, message)
            switch message["t"] as? String {
            case "state":
                let game = (message["gamestate"] as? [String: Any])?["name"] as? String ?? "-"
                return "state \(game) \((message["wallet"] as! [String: Any])["credits"] as! Int)"
            case "error": return "error \(message["code"] as! String)"
            default: return "component \(message["which"] as! String)"
            }
        }
    }

    private var ids: [ConnectionID: String] = [:]
    private func remember(_ id: ConnectionID, _ message: [String: Any]) {
        if let state = message["gamestate"] as? [String: Any] { ids[id] = state["id"] as? String }
    }

    /// Id of the last state that was heard.
    func stateID(_ id: ConnectionID) -> String? { ids[id] }

    func journal() -> [JournalEntry] {
        let box = Box<[JournalEntry]>()
        store.journal(since: 0, limit: 10_000, on: loop.eventLoop) { box.value = try? $0.get() }
        settle()
        return box.value ?? []
    }

    /// What waits in the outbox.
    func waiting(_ topic: String?) throws -> [OutboxEntry] {
        let box = Box<Result<[OutboxEntry], StoreError>>()
        store.pending(topic: topic, limit: 1_000, now: .max, on: loop.eventLoop) { box.value = $0 }
        settle()
        return try box.value?.get() ?? []
    }

    func sums() -> StoreSums? {
        let box = Box<StoreSums>()
        store.sums(on: loop.eventLoop) { box.value = try? $0.get() }
        settle()
        return box.value
    }

    // Filled when the loop has turned, on the thread of the test.
    private final class Box<Value>: @unchecked Sendable { var value: Value? }
}

/// Runs `body` with an event loop of its own, on one thread.
func onLoop(_ body: (any EventLoop) throws -> Void) throws {
    let loop = EmbeddedEventLoop()
    defer { try? loop.close() }
    try body(loop)
}
