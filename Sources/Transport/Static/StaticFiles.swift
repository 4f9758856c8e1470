import NIOCore
import NIOHTTP1
public import NIOPosix

/// Serves the files below a folder, or below several: what the first one has hides the same in those behind it. Sendable: one object
/// can serve all loops.
///
/// Mount it on `…/*`; what `*` matches is looked up below the root, an exact route serves the root's index. Hidden files,
/// `..`, encoded slashes and links that lead out of the root are not served, folders are not listed. All file access is
/// on the thread pool.
public final class StaticFiles: HTTPResponder, Sendable {
    public struct Policy: Sendable {
        /// Asked with the path below the root, without a leading slash; false: 404. Called on the thread pool.
        public var allowed: @Sendable (String) -> Bool = { _ in true }
        /// Name of the file that is served for a folder; nil: 404.
        public var index: String? = "index.html"
        /// `Cache-Control`. By default browsers ask each time, which an ETag makes cheap.
        public var cacheControl = "no-cache"
        /// More headers for every file.
        public var headers: [(String, String)] = []
        public var cors: CORSPolicy?

        public init() {}
    }

    public let options: HTTPOptions
    private let policy: Policy
    private let threadPool: NIOThreadPool
    private let finders: [FileFinder]

    /// - Parameter threadPool: Must be started, and outlive the object.
    public convenience init(root: String, policy: Policy = Policy(), threadPool: NIOThreadPool) {
        self.init(roots: [root], policy: policy, threadPool: threadPool)
    }

    /// - Parameters:
    ///   - roots: Folders; one that is not there is looked for again with each request.
    ///   - threadPool: Must be started, and outlive the object.
    public init(roots: [String], policy: Policy = Policy(), threadPool: NIOThreadPool) {
        var options = HTTPOptions()
        options.maxBody = 0
        options.cors = policy.cors
        self.options = options
        self.policy = policy
        self.threadPool = threadPool
        finders = roots.map { FileFinder(root: $0, policy: policy) }
    }

    public func respond(_ request: HTTPRequest, _ reply: HTTPReply) {
        guard request.method == .GET || request.method == .HEAD else {
            return reply.send(status: 405, error: "method_not_allowed", message: "Files are read with GET.")
        }
        let path = request.parameters["*"] ?? ""
        let finders = self.finders
        let found = threadPool.runIfActive(eventLoop: reply.eventLoop) { Self.find(path, finders) }
        found.assumeIsolatedUnsafeUnchecked().whenComplete { result in
            switch result {
            case .success(.file(let file)): self.send(file, request, reply)
            case .success(.folder): self.redirect(request, reply)
            case .success(.nothing): reply.send(status: 404, error: "not_found", message: "There is no such file.")
            case .failure: reply.send(status: 503, error: "busy", message: "Files cannot be read now.")
            }
        }
    }

    private static func find(_ path: String, _ finders: [FileFinder]) -> FileFinder.Result {
        for finder in finders {
            let result = finder.find(path)
            if case .nothing = result { continue }
            return result
        }
        return .nothing
    }

    /// A folder is asked for without its last slash; relative links in its index need it.
    private func redirect(_ request: HTTPRequest, _ reply: HTTPReply) {
        guard !request.path.hasPrefix("//") else {
            // As a location this would lead to another host.
            return reply.send(status: 404, error: "not_found", message: "There is no such file.")
        }
        let query = request.query.map { "?" + $0 } ?? ""
        reply.send(status: 301, headers: ["location": request.path + "/" + query])
    }

    private func send(_ file: FoundFile, _ request: HTTPRequest, _ reply: HTTPReply) {
        var headers: HTTPHeaders = [
            "content-type": file.type, "etag": file.tag, "last-modified": HTTPDate.format(seconds: file.modifiedSeconds),
            "accept-ranges": "bytes", "cache-control": policy.cacheControl, "x-content-type-options": "nosniff",
        ]
        for (name, value) in policy.headers { headers.add(name: name, value: value) }
        if FileConditions.isUnchanged(file, request.headers) {
            file.release(threadPool)
            return reply.send(status: 304, headers: headers)
        }
        var range = 0..<file.size
        var status = 200
        switch FileConditions.range(file, request.headers) {
        case .whole: break
        case .part(let part):
            range = part
            status = 206
            headers.add(name: "content-range", value: "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(file.size)")
        case .unsatisfiable:
            file.release(threadPool)
            headers.replaceOrAdd(name: "content-range", value: "bytes */\(file.size)")
            headers.remove(name: "content-type")
            return reply.send(status: 416, headers: headers)
        }
        switch file.content {
        case .bytes(let bytes):
            let part = bytes.getSlice(at: bytes.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
            reply.send(status: status, headers: headers, body: part)
        case .open(let descriptor):
            let stream = FileStream(descriptor, from: range, threadPool: threadPool, eventLoop: reply.eventLoop)
            reply.send(status: status, headers: headers, length: range.count, stream: stream)
        }
    }
}
