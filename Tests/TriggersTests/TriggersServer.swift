import Bytes
import Foundation
import LuaRuntime
import NightjarTesting
import Reload
import Synchronization

/// A server with a copy of the shipped package, a stream and a Census of the test's own.
struct TriggersServer: Sendable {
    let base: TestServer
    let stream: FakeStream
    let census: FakeCensus
    let clock: ManualClock
    var port: Int { base.port }

    struct Options: Sendable {
        /// Files of triggers: name without `.lua` → text.
        var triggers: [String: String] = [:]
        /// Settings of the package, as JSON text.
        var settings: [String: String] = [:]
        var secrets: [String: String] = [:]
        /// More files, by path below the package's folder.
        var files: [String: String] = [:]
    }

    static let repository = TestFolder.project(of: #filePath)

    init(_ options: Options) async throws {
        stream = try await FakeStream()
        census = try await FakeCensus()
        clock = ManualClock(now: 1_763_000_000_000)
        var server = ServerOptions()
        // How fast a machine runs scripts is no matter of these tests.
        server.luaLimits.sliceDeadline = .seconds(1)
        server.luaLimits.loadDeadline = .seconds(1)
        let folder = TestFolder()
        try folder.copy(Self.repository + "/Scripts/ps2", to: "Scripts/ps2")
        try folder.copy(Self.repository + "/Scripts/lib", to: "Scripts/lib")
        // They run before every load, and have passed.
        folder.remove("Scripts/ps2/spec")
        server.folder = folder
        for (name, text) in options.triggers { server.files["Scripts/ps2/triggers/\(name).lua"] = text }
        for (path, text) in options.files { server.files["Scripts/ps2/" + path] = text }
        var settings = [
            "ess_url": #""\#(stream.url)""#, "census_url": #""\#(census.url)""#, "service_id": #""s:secret-id""#,
            "backoff_first": "0.01", "backoff_initial": "0.01", "backoff_max": "0.05", "census_per_minute": "100000", "census_pause_s": "0",
        ]
        settings.merge(options.settings) { $1 }
        server.settings["ps2"] = "{\(settings.map { #""\#($0.key)":\#($0.value)"# }.joined(separator: ","))}"
        server.secrets["ps2"] = options.secrets
        server.clock = clock
        server.listeners = ["ps2", "main"]
        server.patience = .milliseconds(500)
        base = try await TestServer(server)
    }

    func stop() async {
        await base.stop()
        await stream.stop()
        await census.stop()
    }

    // MARK: Scripts

    static func path(_ name: String) -> String { "Scripts/ps2/triggers/\(name).lua" }

    /// Saves a trigger file and takes it over. What is wrong with it, or nil.
    @discardableResult
    func save(_ name: String, _ text: String) async throws -> String? {
        base.save(Self.path(name), text)
        return try await base.takeOver()
    }

    @discardableResult
    func remove(_ name: String) async throws -> String? {
        base.folder.remove(Self.path(name))
        return try await base.takeOver()
    }

    // MARK: What it says

    /// Everything the page gets.
    func snapshot() async throws -> Snapshot { Snapshot(text: try await base.get("/triggers/state?after=0")) }

    /// Waits until the page gets what is wanted.
    @discardableResult
    func snapshot(_ what: String, _ isWanted: (Snapshot) -> Bool) async throws -> Snapshot {
        do {
            return try await eventually(what) {
                let snapshot = try await snapshot()
                return isWanted(snapshot) ? snapshot : nil
            }
        } catch let error as WaitedInVain {
            throw WaitedInVain(error.what, error.limit, instead: String(try await snapshot().text.prefix(4_000)))
        }
    }

    /// Calls what the package provides, as `nightjar triggers` and `nightjar events` do.
    func call(_ function: String, _ arguments: [Any]) async throws -> Any? {
        let texts = try arguments.map { [UInt8](try JSONSerialization.data(withJSONObject: $0, options: .fragmentsAllowed)) }
        let results = try await base.host.call(function, json: texts)
        return try results.first.map { try JSONSerialization.jsonObject(with: Data($0), options: .fragmentsAllowed) }
    }

    func lines(_ question: [String: Any]) async throws -> [String] {
        let answer = try await call("ps2.triggers", [question]) as? [String: Any]
        return answer?["lines"] as? [String] ?? []
    }

    /// Lets time go by in steps that no time-out of the package is shorter than, until something is so.
    func pass(_ what: String, step: Int64 = 1_000, until isWanted: () async throws -> Bool) async throws {
        try await eventually(what) {
            if try await isWanted() { return true }
            clock.advance(step)
            return false
        }
    }
}

/// What the page gets, to be looked at by paths: `connection.state`, `triggers.0.name`.
struct Snapshot: Sendable, CustomStringConvertible {
    let text: String
    var description: String { text }

    func at(_ path: String) -> Any? {
        var value = try? JSONSerialization.jsonObject(with: Data(text.utf8))
        for part in path.split(separator: ".") {
            if let list = value as? [Any], let index = Int(part) {
                value = list.indices.contains(index) ? list[index] : nil
            } else {
                value = (value as? [String: Any])?[String(part)]
            }
        }
        return value
    }

    func string(_ path: String) -> String? { at(path) as? String }
    func int(_ path: String) -> Int? { at(path) as? Int }
    func list(_ path: String) -> [[String: Any]] { at(path) as? [[String: Any]] ?? [] }

    /// A trigger's report.
    func trigger(_ name: String) -> [String: Any]? { list("triggers").first { ($0["name"] as? String ?? $0["key"] as? String) == name } }
    func seen(_ name: String) -> Int? { trigger(name)?["seen"] as? Int }
    func fired(_ name: String) -> Int? { trigger(name)?["matched"] as? Int }
}

/// Runs a test on a server of its own; afterwards no script may have raised an error, and no command may have been wrong.
func withTriggers(_ options: TriggersServer.Options = .init(), _ body: (TriggersServer) async throws -> Void) async throws {
    let server = try await TriggersServer(options)
    do { try await body(server) } catch {
        let log = server.base.log.all.suffix(20).map(\.description).joined(separator: "\n")
        await server.stop()
        throw Failed(error: error, log: log)
    }
    let (errors, violations) = (server.base.scriptErrors, server.stream.violations)
    await server.stop()
    if let first = errors.first { throw UnexpectedlySaid(text: "\(errors.count) script errors: \(first)") }
    if let first = violations.first { throw UnexpectedlySaid(text: "\(violations.count) wrong commands: \(first)") }
}

struct UnexpectedlySaid: Error { var text: String }

/// What went wrong, with the end of the server's log.
struct Failed: Error, CustomStringConvertible {
    var error: any Error
    var log: String
    var description: String { "\(error)\n--- log\n\(log)" }
}

/// Set once, seen by all.
final class StopMark: Sendable {
    private let state = Lock(false)
    var isSet: Bool { state.withLock { $0 } }
    func set() { state.withLock { $0 = true } }
}
