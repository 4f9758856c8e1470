import Foundation
import Testing

@testable import Nightjar

/// What somebody gets to read who made a mistake on the command line: one line, what and what to do, at once.
@Suite("Mistakes of the command line", .timeLimit(.minutes(5)))
struct MistakeTests {
    struct Mistake: CustomTestStringConvertible {
        var arguments: [String]
        var says: [String]
        var status: Int32 = 1
        var environment: [String: String] = [:]
        var testDescription: String { (environment.map { "\($0)=\($1)" } + arguments).joined(separator: " ") }
    }

    /// Words of libraries, and of the one that reads the arguments.
    private static let foreign = ["errno", "SQLite error", "sqlite 1", "Error Domain", "NSCocoa", "bind(", "connect(", "Usage:", "failedToLoad", "SocketAddressError", "Optional("]

    static let mistakes: [Mistake] = [
        Mistake(arguments: ["check", "--games", "/nope"], says: ["no games folder /nope", "--games"]),
        Mistake(arguments: ["check", "--scripts", "/nope"], says: ["no scripts folder /nope", "--scripts"]),
        Mistake(arguments: ["check", "--packages", "/nope"], says: ["no packages folder /nope", "--packages"]),
        Mistake(arguments: ["serve", "--scripts", "/nope", "--data-dir", "DIR/d"], says: ["no scripts folder /nope", "--scripts"]),
        Mistake(arguments: ["serve", "--scripts", "DIR/none", "--data-dir", "DIR/d"], says: ["no package in DIR/none", "main.lua", "--scripts"]),
        Mistake(arguments: ["check", "--scripts", "DIR/none"], says: ["no package in DIR/none", "--scripts"]),
        Mistake(arguments: ["check"], says: ["NIGHTJAR_PACKAGES", "config.json"], environment: ["NIGHTJAR_PACKAGES": "{}"]),
        Mistake(arguments: ["check"], says: ["NIGHTJAR_LISTENERS", "NIGHTJAR_LISTEN"], environment: ["NIGHTJAR_LISTENERS": "{}"]),
        Mistake(arguments: ["serve", "--sites", "/nope", "--data-dir", "DIR/d"], says: ["no sites folder /nope", "--sites"]),
        Mistake(arguments: ["serve", "--data-dir", "/proc/nope"], says: ["/proc/nope", "--data-dir"]),
        Mistake(arguments: ["serve", "--port", "0", "--host", "203.0.113.77", "--data-dir", "DIR/d"], says: ["cannot listen on 203.0.113.77:0", "--host"]),
        Mistake(arguments: ["serve", "--cert", "/nope", "--certkey", "/nope", "--data-dir", "DIR/d"], says: ["/nope", "--cert"]),
        Mistake(arguments: ["serve", "--port", "0", "--cert", "DIR/text", "--certkey", "DIR/text", "--data-dir", "DIR/d"], says: ["DIR/text holds no certificate", "--cert"]),
        Mistake(arguments: ["serve", "--port", "0", "--data-dir", "DIR/foreign"], says: ["DIR/foreign/nightjar.sqlite", "not a store", "--data-dir"]),
        Mistake(arguments: ["serve", "--sites", "DIR/empty", "--data-dir", "DIR/d"], says: ["no sites folder DIR/empty", "--sites"]),
        Mistake(arguments: ["serve", "--games", "DIR/empty", "--data-dir", "DIR/d"], says: ["no games folder DIR/empty", "--games"]),
        Mistake(arguments: ["serve", "--port", "0", "--cert", "DIR/empty", "--certkey", "DIR/text", "--data-dir", "DIR/d"], says: ["DIR/empty holds no certificate", "--cert"]),
        Mistake(arguments: ["serve", "--port", "0", "--cert", "DIR", "--certkey", "DIR/text", "--data-dir", "DIR/d"], says: ["DIR is not a file", "--cert"]),
        Mistake(arguments: ["serve", "--cert", "DIR/text"], says: ["\"cert\" and \"certkey\" belong together"]),
        Mistake(arguments: ["serve", "--log-file", "/nope/log"], says: ["the log file /nope/log", "--log-file"]),
        Mistake(arguments: ["serve", "--listen", "gatway"], says: ["\"gatway\" needs a port", "did you mean gateway?"]),
        Mistake(arguments: ["check"], says: ["NIGHTJAR_LISTENERS", "config.json"], environment: ["NIGHTJAR_LISTENERS": "{}"]),
        Mistake(arguments: ["check"], says: ["NIGHTJAR_DEBGU", "did you mean NIGHTJAR_DEBUG?"], environment: ["NIGHTJAR_DEBGU": "1"]),
        Mistake(arguments: ["serve", "--prot", "1"], says: ["--prot", "--port"]),
        Mistake(arguments: ["serve", "--port", "many"], says: ["many", "--port", "nightjar serve --help"]),
        Mistake(arguments: ["serve", "--log-level", "loud"], says: ["loud", "trace, debug"]),
        Mistake(arguments: ["chekc"], says: ["no command \"chekc\"", "did you mean 'check'?"]),
        Mistake(arguments: ["verify"], says: ["<path>", "nightjar verify --help"]),
        Mistake(arguments: ["reload", "--data-dir", "DIR"], says: ["no server answers on DIR/control.sock", "--data-dir"]),
        Mistake(arguments: ["verify", "/nope"], says: ["/nope", "no such file"], status: 2),
        Mistake(arguments: ["verify", "DIR/empty"], says: ["DIR/empty", "is empty"], status: 2),
        Mistake(arguments: ["verify", "DIR/text"], says: ["DIR/text", "not an SQLite file"], status: 2),
        Mistake(arguments: ["verify", "DIR/foreign.sqlite"], says: ["DIR/foreign.sqlite", "not a store"], status: 2),
        Mistake(arguments: ["verify", "DIR"], says: ["DIR", "is not a file"], status: 2),
        Mistake(arguments: ["check"], says: ["NIGHTJAR_HTP_PORT", "did you mean NIGHTJAR_HTTP_PORT?"], environment: ["NIGHTJAR_HTP_PORT": "1"]),
        Mistake(arguments: ["check"], says: ["http_port", "a whole number"], environment: ["NIGHTJAR_HTTP_PORT": "x"]),
        Mistake(arguments: ["check", "--config", "/nope.json"], says: ["/nope.json", "--config"]),
        Mistake(arguments: ["check", "--config", "DIR/key.json"], says: ["DIR/key.json", "\"http_prot\"", "did you mean 'http_port'?"]),
        Mistake(arguments: ["check", "--config", "DIR/broken.json"], says: ["DIR/broken.json:3", "not valid JSON"]),
        Mistake(arguments: ["check", "--config", "DIR/secret.json"], says: ["DIR/secret.json", "\"secrets\"", "\"gatway\"", "did you mean 'gateway'?"]),
        Mistake(arguments: ["check", "--config", "DIR/settings.json"], says: ["\"packages\"", "\"nothing_like_it\"", "known: argus, backoffice, casino"]),
        Mistake(arguments: ["logs", "dump", "--log-level", "loud"], says: ["--log-level", "trace"]),
    ]

    @Test(arguments: mistakes)
    func mistake(_ mistake: Mistake) throws {
        let files = try TestFiles([
            "text": "hello, this is no certificate and no store\n", "empty": "", "key.json": #"{"http_prot":1}"#,
            "broken.json": "{\n  \"http_port\": 1,\n  \"debug\": yes\n}", "secret.json": #"{"secrets":{"gatway":{"token":"a"}}}"#,
            "settings.json": #"{"packages":{"nothing_like_it":{"a":1}}}"#,
            "foreign/nightjar.sqlite": "hello, this is no certificate and no store\n",
            "none/lib/shared.lua": "return {}",
        ])
        // A file of SQLite that is no store: the log dump makes one.
        try LogEntryTable(path: files.path("foreign.sqlite")).close()
        let place = { (text: String) in text.replacingOccurrences(of: "DIR", with: files.url.path) }
        let (status, output) = try ServerProcess.run(mistake.arguments.map(place), environment: mistake.environment)
        #expect(status == mistake.status, "\(output)")
        // The log of a server that got as far as that is not part of its last word.
        let words = output.split(separator: "\n").filter { !$0.hasPrefix("{") }
        #expect(words.count == 1 && words.first?.hasPrefix("nightjar: ") == true, "\(output)")
        for part in mistake.says { #expect(output.contains(place(part)), "\(output)") }
        for word in Self.foreign { #expect(!output.contains(word), "\(output)") }
    }

    @Test("a variable that is like none of ours is reported, not refused")
    func foreignVariable() async throws {
        let settings = try await Settings.load(path: nil, environment: ["NIGHTJAR_SERVICE_HOST": "10.0.0.1", "NIGHTJAR_PORT": "tcp://10.0.0.1"])
        #expect(settings.warnings.count == 2)
        #expect(settings.warnings.contains { $0.contains("NIGHTJAR_SERVICE_HOST") })
    }

    @Test("a reader that closes standard output changes nothing of the exit status", arguments: [(["check"], 0), (["--help"], 0), (["check", "--games", "BROKEN"], 1)])
    func closedOutput(_ arguments: [String], _ wanted: Int) throws {
        let output = Pipe()
        try output.fileHandleForReading.close()
        #expect(try status(arguments, output: output) == wanted)
    }

    @Test("a full disk under standard output is an error", arguments: [["check"], ["--help"]])
    func fullOutput(_ arguments: [String]) throws {
        #expect(try status(arguments, output: try #require(FileHandle(forWritingAtPath: "/dev/full"))) == 1)
    }

    /// The exit status of a command whose standard output goes there.
    private func status(_ arguments: [String], output: Any) throws -> Int {
        let files = try TestFiles(["games/broken/manifest.json": "{"])
        let process = Foundation.Process()
        process.executableURL = try ServerProcess.executable()
        process.currentDirectoryURL = ServerProcess.root
        process.arguments = arguments.map { $0 == "BROKEN" ? files.path("games") : $0 }
        process.standardOutput = output
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        guard ended.wait(timeout: .now() + 60) == .success else {
            kill(process.processIdentifier, SIGKILL)
            throw ServerProcess.Failure.doesNotEnd(arguments)
        }
        #expect(process.terminationReason == .exit)
        return Int(process.terminationStatus)
    }
}
