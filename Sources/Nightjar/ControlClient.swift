import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Talks to a running server over its control socket, as the user who runs it. One task at a time.
struct ControlClient {
    /// Bytes of an answer: what a provided function may return, and its braces.
    private static let answerBytesMax = 5 << 20

    private let settings: Settings
    private let client: HTTPClient

    /// - Parameter settings: Say where the socket is.
    init(_ settings: Settings) {
        self.settings = settings
        var configuration = HTTPClient.Configuration()
        // A socket file that nobody listens on stays so; without this the answer takes ten seconds.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Runs `body` with a client that is closed afterwards.
    static func with<Result>(_ settings: Settings, _ body: (ControlClient) async throws -> Result) async throws -> Result {
        let control = ControlClient(settings)
        do {
            let result = try await body(control)
            try? await control.client.shutdown()
            return result
        } catch {
            try? await control.client.shutdown()
            throw error
        }
    }

    /// One POST.
    ///
    /// - Throws: ``CommandFailure`` `no_server` if nobody answers, `control` if the path of the socket cannot be one.
    func post<Answer: Decodable>(_ path: [String], body: Data? = nil, as type: Answer.Type = Answer.self) async throws -> Answer {
        let socket = settings.controlSocketPath
        let uri = path.map { "/" + ($0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? $0) }.joined()
        guard let url = URL(httpURLWithSocketPath: socket, uri: uri) else {
            throw CommandFailure(
                code: "control", description: "the data folder \(settings.dataDirectory) cannot be part of a socket's path. Give it with --data-dir.")
        }
        do {
            var request = HTTPClientRequest(url: url.absoluteString)
            request.method = .POST
            request.headers.add(name: "host", value: "localhost")  // the client sends none to a socket file
            if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
            let response = try await client.execute(request, timeout: .seconds(30))
            let answer = try await response.body.collect(upTo: Self.answerBytesMax)
            return try JSONDecoder().decode(Answer.self, from: Data(answer.readableBytesView))
        } catch {
            throw CommandFailure(
                code: "no_server", description: "no server answers on \(socket). Start one, or give the data folder of the running one with --data-dir.")
        }
    }

    /// Calls a function that a package of the server provides (`nightjar.provide`).
    ///
    /// - Parameter arguments: A JSON list.
    /// - Returns: Its first result as JSON; nil if there is none.
    /// - Throws: ``CommandFailure`` with the code of the failure.
    func call(_ function: String, _ arguments: [Any]) async throws -> Any? {
        let body = try JSONSerialization.data(withJSONObject: arguments)
        let reply = try await post(["call", function], body: body, as: CallReply.self)
        return try reply.result(of: function)
    }
}

/// What the control socket answers to a call.
struct CallReply: Codable, Sendable {
    /// JSON texts.
    var results: [String]?
    var code: String?
    var detail: String?

    /// The first result.
    /// - Throws: ``CommandFailure`` if there is none because the call failed.
    func result(of function: String) throws -> Any? {
        if let code { throw Self.failure(code, detail ?? "", function) }
        return try results?.first.map { try JSONSerialization.jsonObject(with: Data($0.utf8), options: .fragmentsAllowed) }
    }

    static func failure(_ code: String, _ detail: String, _ function: String) -> CommandFailure {
        let package = String(function.prefix { $0 != "." })
        return switch code {
        case "no_such_function":
            CommandFailure(
                code: code, description: "there is no package \"\(package)\" that provides \(function). Is it loaded? nightjar reload \(package) says what is wrong with it.")
        default:
            CommandFailure(code: code, description: "\(function) failed (\(code)): \(detail)")
        }
    }
}
