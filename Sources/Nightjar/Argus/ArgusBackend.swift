import AsyncHTTPClient
import Foundation
import HostModules
import NIOCore
import NIOHTTP1

/// The client's view of the server: three requests. One task at a time.
struct ArgusBackend {
    /// What came of a request.
    struct Reply {
        /// Nil: there was no answer.
        var status: Int?
        /// The body, or why there was no answer.
        var text: String

        var isGood: Bool { status == 200 }

        /// The body for a person: the message of an error, else the text; nil: it has nothing to say.
        var words: String? {
            struct Problem: Decodable {
                struct Detail: Decodable { var message: String }
                var error: Detail
            }
            let message = (try? JSONDecoder().decode(Problem.self, from: Data(text.utf8)))?.error.message ?? text
            let line = message.split(whereSeparator: \.isNewline).joined(separator: " ")
            return line.isEmpty ? nil : String(line.prefix(ArgusBackend.wordsMax))
        }
    }

    static let version = "2"
    /// Of one request, as the published clients have it.
    static let timeoutSeconds: Int64 = 60
    /// Bytes of an answer: a token and the address of a picture.
    private static let answerBytesMax = 64 << 10
    /// Characters of an answer that are shown; what is longer is a page and no sentence.
    private static let wordsMax = 300

    /// Without a slash at the end.
    let url: String
    private let client: HTTPClient

    /// Runs `body` with the server at this address.
    ///
    /// - Throws: ``CommandFailure`` with exit status 2 if it is none.
    static func with<Result>(_ url: String, _ body: (ArgusBackend) async throws -> Result) async throws -> Result {
        var url = url
        while url.hasSuffix("/") { url.removeLast() }
        guard let parts = URLComponents(string: url), ["http", "https"].contains(parts.scheme), parts.host?.isEmpty == false, parts.query == nil else {
            throw CommandFailure(
                code: "backend", description: "the server's address \"\(url)\" is none. Write it like https://argus.example.org (ARGUS_BACKEND_URL or --backend).",
                status: 2)
        }
        var configuration = HTTPClient.Configuration()
        // The game waits: a server that refuses to talk is told of at once, and not tried again for ten seconds.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let result = try await body(ArgusBackend(url: url, client: client))
            try? await client.shutdown()
            return result
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    private init(url: String, client: HTTPClient) {
        self.url = url
        self.client = client
    }

    func check(_ token: String) async -> Reply {
        let allowed = CharacterSet.alphanumerics
        let escaped = token.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
        return await send(HTTPClientRequest(url: "\(url)/check_argus_token?argusProtocolVersion=\(Self.version)&argus_token=\(escaped)"))
    }

    func token(of state: String) async -> Reply {
        await post("/get_argus_token", ["argusProtocolVersion": Self.version, "state": state])
    }

    func send(_ run: ArgusRunData, _ token: String) async -> Reply {
        let data = Dictionary(uniqueKeysWithValues: run.fields.map { ($0.name, $0.value) })
        return await post("/run_info", ["argusProtocolVersion": Self.version, "argusToken": token, "runData": data])
    }

    /// - Parameter state: JSON text of an object, passed on as it is.
    func send(gameState state: String, _ token: String) async -> Reply {
        let head = (try? JSONSerialization.data(withJSONObject: token, options: .fragmentsAllowed)).map { String(decoding: $0, as: UTF8.self) } ?? #""""#
        return await post("/run_info", text: #"{"argusProtocolVersion":"\#(Self.version)","argusToken":\#(head),"gameState":\#(state)}"#)
    }

    private func post(_ path: String, _ object: [String: Any]) async -> Reply {
        let data = (try? JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])) ?? Data()
        return await post(path, text: String(decoding: data, as: UTF8.self))
    }

    private func post(_ path: String, text: String) async -> Reply {
        var request = HTTPClientRequest(url: url + path)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(string: text))
        return await send(request)
    }

    private func send(_ request: HTTPClientRequest) async -> Reply {
        do {
            let response = try await client.execute(request, timeout: .seconds(Self.timeoutSeconds))
            let body = try await response.body.collect(upTo: Self.answerBytesMax)
            return Reply(status: Int(response.status.code), text: String(buffer: body))
        } catch {
            return Reply(
                status: nil,
                text: "no answer from \(url): \(FetchFailure(error).detail). Does the server run there? Another one is named with ARGUS_BACKEND_URL or --backend")
        }
    }
}
