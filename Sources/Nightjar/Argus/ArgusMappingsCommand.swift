import ArgumentParser
import Foundation

/// Checks a mapping and puts it where the server finds it.
struct ArgusMappingsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mappings",
        abstract: "Check a file with names and texts of the game, and install it into the data folder.",
        discussion: """
            The file takes the place of the shipped data/ui_mappings.json. It is checked by the scripts as they are now; one with a mistake is \
            not installed. A running server takes it over by itself, and overlays that are open are drawn anew. Exit status 1: the file is \
            wrong, and nothing has changed.
            """
    )

    @OptionGroup var shared: SharedOptions

    @Argument(help: "The file, JSON.")
    var file: String

    @Flag(help: "Check it only.")
    var check = false

    /// Below the folder of the operator's files.
    private static let place = "data/ui_mappings.json"

    func run() async throws {
        umask(0o077)
        let settings = try await shared.settings()
        let text = try ArgusPackage.text(of: file)
        let function = "\(ArgusCommand.package).mapping_check"
        let answer = try await ArgusPackage.with(settings) { try await $0.call(function, [["text": text]]) }
        try TriggersCommand.show(answer, of: function)
        guard !check else { return }
        let path = "\(settings.operatorDirectory)/\(ArgusCommand.package)/\(Self.place)"
        do {
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        } catch {
            throw CommandFailure(code: "not_written", description: "\(path): cannot be written. Is the data folder this user's? Give another with --data-dir.")
        }
        Console.say("installed as \(path)")
    }
}
