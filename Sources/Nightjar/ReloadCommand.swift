import ArgumentParser
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Asks a running server, over its control socket, to take over changed scripts.
struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Make a running server take over changed scripts.",
        discussion: "Without a name everything that changed is reloaded. A broken script changes nothing; its error is printed and the exit status is 1."
    )

    @OptionGroup var shared: SharedOptions

    @Argument(help: "Package or game to reload, changed or not.")
    var unit: String?

    func run() async throws {
        let settings = try await shared.settings()
        let socket = settings.controlSocketPath
        var configuration = HTTPClient.Configuration()
        // A socket file that nobody listens on stays so; without this the answer takes ten seconds.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let reply: ControlReply
        do {
            var path = "/reload"
            if let unit {
                path += "/" + (unit.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? unit)
            }
            guard let url = URL(httpURLWithSocketPath: socket, uri: path) else {
                throw CommandFailure(
                    code: "control", description: "the data folder \(settings.dataDirectory) cannot be part of a socket's path. Give it with --data-dir.")
            }
            var request = HTTPClientRequest(url: url.absoluteString)
            request.method = .POST
            request.headers.add(name: "host", value: "localhost")  // the client sends none to a socket file
            let response = try await client.execute(request, timeout: .seconds(30))
            let body = try await response.body.collect(upTo: 1 << 20)
            reply = try JSONDecoder().decode(ControlReply.self, from: Data(body.readableBytesView))
        } catch {
            try? await client.shutdown()
            if let failure = error as? CommandFailure { throw failure }
            throw CommandFailure(
                code: "no_server", description: "no server answers on \(socket). Start one, or give the data folder of the running one with --data-dir.")
        }
        try? await client.shutdown()
        for line in reply.lines { Console.say(line) }
        if !reply.ok { throw ExitCode(1) }
    }
}

/// What the control socket answers: lines for a person and whether all went well.
struct ControlReply: Codable, Sendable {
    var ok: Bool
    var lines: [String]
}
