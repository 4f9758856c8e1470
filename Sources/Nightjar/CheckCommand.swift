import ArgumentParser
import Games
import Foundation
import Host
import Reload
import Store

/// Finds mistakes in scripts, games and sites without a server.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Load every package and game in a sandbox and report all problems.",
        discussion: """
            Reports syntax errors, errors while loading, broken manifests and sites, undeclared global variables, misspelt functions of \
            the host, and failing specs, each as file:line: message. Each game is begun with the settings of each site. Exit status 1 \
            if there is any problem.
            """
    )

    @OptionGroup var shared: SharedOptions

    func run() async throws {
        let settings = try await shared.settings()
        try settings.checkFolders()
        let sites = SiteCheck(settings.siteFiles, now: Int64(Date().timeIntervalSince1970 * 1_000))
        let modules = settings.hostModules(store: MemoryStore(), outgoing: nil, isCheck: true)
        var problems = ScriptHost.check(settings.scriptHost, modules: modules) { _, generation in
            generation.map { sites.problems(of: $0).map(Problem.init) } ?? []
        }.map(\.description)
        for case let casino as CasinoModule in modules { problems += casino.problems.map(\.description) }
        // A module of two packages, or a game on two sites, has its mistake once.
        var told: Set<String> = []
        problems = problems.filter { told.insert($0).inserted }
        for problem in problems { Console.say(problem) }
        guard problems.isEmpty else {
            Console.say(problems.count == 1 ? "1 problem" : "\(problems.count) problems")
            throw ExitCode(1)
        }
        Console.say("no problems")
    }
}

extension Problem {
    fileprivate init(_ problem: SiteProblem) {
        self.init(file: problem.file, line: problem.line, unit: nil, code: "bad_site", message: problem.message)
    }
}

/// Writes the editor annotations of the host's functions.
struct AnnotationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "annotations",
        abstract: "Write the LuaCATS annotations of the host's functions, for editors."
    )

    @Option(help: "Folder to write to.")
    var output = "Scripts/meta"

    func run() async throws {
        for (name, text) in ScriptHost.annotations(of: Settings().hostModules(store: MemoryStore(), outgoing: nil)).sorted(by: { $0.key < $1.key }) {
            let path = output + "/" + name
            do {
                try text.write(toFile: path, atomically: true, encoding: .utf8)
            } catch {
                throw CommandFailure(
                    code: "not_written", description: "\(path): cannot be written. Name a folder that is there with --output.")
            }
            Console.say("wrote \(path)")
        }
    }
}
