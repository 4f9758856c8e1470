import NIOHTTP1

/// Answers for a folder that is asked for without its last slash: relative links in its index need it. Sendable: one object
/// can serve all loops.
public final class SlashRedirect: HTTPResponder, Sendable {
    public let options: HTTPOptions

    public init() {
        var options = HTTPOptions()
        options.maxBody = 0
        self.options = options
    }

    public func respond(_ request: HTTPRequest, _ reply: HTTPReply) {
        // Relative to the folder above, so that no path becomes the address of another host.
        let name = request.path.split(separator: "/").last ?? ""
        reply.send(status: 301, headers: ["location": "./\(name)/" + (request.query.map { "?" + $0 } ?? "")])
    }
}
