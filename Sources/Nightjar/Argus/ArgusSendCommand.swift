import ArgumentParser
import Foundation

/// The client that the game's mod starts.
struct ArgusSendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send a run of the game to the overlay's server, or log in for that.",
        discussion: """
            Takes the place of the mod's own client: the same options, the same file, the same lines. Without a further option exactly eight \
            lines are read from standard input: boons, weapon, familiar, extras, elements, pins, vows, arcana.

            The server's address comes from ARGUS_BACKEND_URL, the id of the extension from ARGUS_TWITCH_ID, Twitch's address from \
            ARGUS_TWITCH_AUTH_URL. Exit status 0: everything was tried, see the lines; 1: the input or the token file cannot be used; \
            2: the options make no sense.
            """
    )

    @Option(name: .customLong("pluginpath"), help: "Folder of the mod's token and log files (required).")
    var pluginPath: String?

    @Flag(help: "Log in only.")
    var login = false

    @Option(name: [.customLong("test"), .customLong("prepared")], help: "Send a built-in run: nominal (test1), minimal (test2), pins, doubleboon.")
    var test: String?

    @Flag(help: "Send a run that is made up.")
    var generate = false

    @Flag(help: "Read one line of JSON, the game's own tables, in place of the eight lines.")
    var state = false

    @Option(help: "The server's address.")
    var backend: String?

    @Option(help: "Id of the extension at Twitch.")
    var clientID: String?

    private static let usualBackend = "https://argus-h2-backend.fly.dev"
    private static let usualClientID = "sl19e3aebmadlewzt7mxfv3j3llwwv"
    private static let usualAuthURL = "https://id.twitch.tv"
    private static let lines = 8
    /// Bytes of a line that is read. The game's tables have some hundred thousand.
    private static let lineBytesMax = 1 << 20

    func run() async throws {
        guard let pluginPath, !pluginPath.isEmpty else {
            throw CommandFailure(code: "usage", description: "--pluginpath is required: the folder of the mod's token and log files.", status: 2)
        }
        let environment = Console.environment
        func setting(_ given: String?, _ variable: String, _ usual: String) -> String { given ?? environment[variable].flatMap { $0.isEmpty ? nil : $0 } ?? usual }
        let load = try load()
        var authURL = setting(nil, "ARGUS_TWITCH_AUTH_URL", Self.usualAuthURL)
        while authURL.hasSuffix("/") { authURL.removeLast() }
        try await ArgusBackend.with(setting(backend, "ARGUS_BACKEND_URL", Self.usualBackend)) { server in
            let sender = ArgusSender(
                backend: server, file: ArgusTokenFile(folder: pluginPath), authURL: authURL,
                clientID: setting(clientID, "ARGUS_TWITCH_ID", Self.usualClientID), log: Self.say, browse: Browser.open,
                wait: { try await Task.sleep(for: $0) })
            if let load { await sender.send(load) } else { try await sender.login() }
        }
    }

    /// Nil: only log in.
    private func load() throws(CommandFailure) -> ArgusSender.Load? {
        let chosen = [("--login", login), ("--test", test != nil), ("--generate", generate), ("--state", state)].filter(\.1).map(\.0)
        guard chosen.count <= 1 else {
            throw CommandFailure(code: "usage", description: "\(chosen.joined(separator: " and ")) cannot be said together.", status: 2)
        }
        if login { return nil }
        if let test {
            guard let run = ArgusRunData.prepared[test] else {
                throw CommandFailure(
                    code: "usage", description: "there is no built-in run \"\(test)\". There are \(ArgusRunData.prepared.keys.sorted().joined(separator: ", ")).", status: 2)
            }
            return .run(run)
        }
        if generate {
            var random = SystemRandomNumberGenerator()
            return .run(ArgusRunGenerator.run(using: &random))
        }
        if state { return .gameState(try Self.gameState(Self.input(1)[0])) }
        return .run(ArgusRunData(lines: try Self.input(Self.lines)))
    }

    private static func gameState(_ line: String) throws(CommandFailure) -> String {
        guard (try? JSONSerialization.jsonObject(with: Data(line.utf8))) is [String: Any] else {
            throw CommandFailure(code: "input", description: "standard input: a line with one JSON object is expected, like {\"CurrentRun\":{…}}.")
        }
        return line
    }

    /// So many lines, without the blanks around them. Does not wait for the end of the input: the game leaves it open.
    private static func input(_ count: Int) throws(CommandFailure) -> [String] {
        var lines: [String] = []
        while lines.count < count {
            guard let line = readLine() else {
                throw CommandFailure(
                    code: "input", description: "standard input ended after \(lines.count) of \(count) lines. nightjar argus send --help says which there are.")
            }
            guard line.utf8.count <= lineBytesMax else {
                throw CommandFailure(code: "input", description: "line \(lines.count + 1) of standard input has more than \(lineBytesMax) bytes.")
            }
            lines.append(line.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        return lines
    }

    private static func say(_ text: String) {
        var now = time(nil)
        var local = tm()
        localtime_r(&now, &local)
        func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + "\(number)" }
        Console.say("\(two(local.tm_hour)):\(two(local.tm_min)):\(two(local.tm_sec)) \(text)")
    }
}

/// The person's browser.
enum Browser {
    /// What opens addresses, by system: Linux, macOS, Windows as Linux programs see it.
    private static let openers = [["xdg-open"], ["open"], ["cmd.exe", "/c", "start", ""]]

    /// Asks the system to open an address, and does not wait for it. Where there is no browser nothing happens.
    static func open(_ address: String) {
        let folders = (Console.environment["PATH"] ?? "").split(separator: ":")
        for opener in openers {
            let paths: [String] = folders.map { "\($0)/\(opener[0])" }
            guard let path = paths.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else { continue }
            // Another program than a shell reads it; only cmd.exe takes & for an end.
            let argument = opener[0] == "cmd.exe" ? address.replacingOccurrences(of: "&", with: "^&") : address
            let process = Process()
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = opener.dropFirst() + [argument]
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            if (try? process.run()) != nil { return }
        }
    }
}
