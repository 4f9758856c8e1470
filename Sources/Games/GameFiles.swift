import NIOCore
import NIOHTTP1
import NIOPosix
import Transport

/// `/game/<id>/…`: a game's manifest and its web files, nothing else of its folder (docs/casino.md).
///
/// `/game/<id>/manifest.json` is `<id>/manifest.json` on disk, or that of the game as it runs; everything else `<id>/client/…`. Loop-bound.
final class GameFiles: HTTPResponder {
    static let pattern = "/game/*"

    private let files: StaticFiles
    private let manifest: (String) -> [UInt8]?
    var options: HTTPOptions { files.options }

    /// - Parameters:
    ///   - root: The folder with one folder per game.
    ///   - manifest: That of a game that runs while its files are broken: it goes on, and is played by what it says. Nil: the file's.
    init(root: String, threadPool: NIOThreadPool, manifest: @escaping (String) -> [UInt8]? = { _ in nil }) {
        self.manifest = manifest
        var policy = StaticFiles.Policy()
        policy.index = nil
        policy.allowed = { GameFiles.isPublic($0) }
        files = StaticFiles(root: root, policy: policy, threadPool: threadPool)
    }

    func respond(_ request: HTTPRequest, _ reply: HTTPReply) {
        guard let path = request.parameters["*"].flatMap({ Self.diskPath($0) }) else {
            return reply.send(status: 404, error: "not_found", message: "there is no such file")
        }
        let isRead = request.method == .GET || request.method == .HEAD
        if isRead, path.hasSuffix("/manifest.json"), let text = manifest(String(path.dropLast("/manifest.json".count))) {
            return reply.send(status: 200, type: .json, headers: ["cache-control": "no-cache"], body: ByteBuffer(bytes: text))
        }
        var request = request
        request.parameters = RouteParameters([(name: "*", value: path)])
        files.respond(request, reply)
    }

    /// The path below the games folder; nil when nothing public can be there.
    static func diskPath(_ requested: String) -> String? {
        let parts = requested.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        let path = parts[1] == "manifest.json" ? requested : "\(parts[0])/client/\(parts[1])"
        return isPublic(path) ? path : nil
    }

    static func isPublic(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 2, !parts.contains(where: { $0 == ".." || $0 == "." || $0.hasPrefix(".") }) else { return false }
        return parts.count == 2 && parts[1] == "manifest.json" || parts.count >= 3 && parts[1] == "client"
    }
}
