import NIOCore

/// An answer to a test's request.
public struct TestResponse: Sendable {
    public var status: Int
    /// In the order they came in, names as they were written.
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    /// The body as UTF-8; what is none is replaced.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The first header of this name.
    public subscript(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// What came is no answer of HTTP/1.1.
public struct MalformedResponse: Error {
    /// The head, or the line of it that is wrong.
    public var bytes: String
}

/// A small HTTP/1.1 client for tests; one connection, requests one after the other or pipelined by hand.
public struct HTTPTestClient: Sendable {
    /// What it speaks over; its owner closes it.
    public let connection: TestConnection

    public init(_ connection: TestConnection) { self.connection = connection }

    /// Connects to 127.0.0.1.
    public static func connect(port: Int) async throws -> HTTPTestClient {
        HTTPTestClient(try await .connect(port: port))
    }

    /// One request on a connection of its own.
    public static func request(
        port: Int, _ method: String = "GET", _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil
    ) async throws -> TestResponse {
        let client = try await connect(port: port)
        let response = try await client.request(method, path, headers: headers, body: body)
        await client.connection.close()
        return response
    }

    /// One request, and its answer.
    ///
    /// - Throws: ``MalformedResponse``; ``ConnectionEnded`` or ``TimedOut`` if no answer comes.
    public func request(
        _ method: String = "GET", _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil
    ) async throws -> TestResponse {
        var text = "\(method) \(path) HTTP/1.1\r\nhost: localhost\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        if let body { text += "content-length: \(body.count)\r\n" }
        try await connection.send(Array(text.utf8) + Array("\r\n".utf8) + (body ?? []))
        return try await receive(isHead: method == "HEAD")
    }

    /// The next answer. Only answers with `content-length`, or without a body, are understood.
    public func receive(isHead: Bool = false) async throws -> TestResponse {
        try await connection.receive { try Self.parse(&$0, isHead: isHead) }
    }

    static func parse(_ buffer: inout ByteBuffer, isHead: Bool) throws -> TestResponse? {
        let bytes = buffer.readableBytesView
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: Array("\r\n\r\n".utf8)) }) else { return nil }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).components(separator: "\r\n")
        let start = lines[0].split(separator: " ", maxSplits: 2)
        guard start.count >= 2, start[0] == "HTTP/1.1", let status = Int(start[1]) else {
            throw MalformedResponse(bytes: String(decoding: bytes, as: UTF8.self))
        }
        var response = TestResponse(status: status, headers: [], body: [])
        for line in lines.dropFirst() {
            let pair = line.split(separator: ":", maxSplits: 1)
            guard pair.count == 2 else { throw MalformedResponse(bytes: line) }
            response.headers.append((String(pair[0]), String(pair[1].drop { $0 == " " })))
        }
        let isBodiless = isHead || status < 200 || status == 204 || status == 304
        let length = isBodiless ? 0 : response["content-length"].flatMap(Int.init) ?? 0
        let headBytes = end + 4 - bytes.startIndex
        guard buffer.readableBytes >= headBytes + length else { return nil }
        buffer.moveReaderIndex(forwardBy: headBytes)
        response.body = buffer.readBytes(length: length) ?? []
        return response
    }
}

extension String {
    fileprivate func components(separator: String) -> [String] {
        var result: [String] = []
        var current = ""
        for character in self {
            if String(character) == separator {
                result.append(current)
                current = ""
            } else {
                current.append(character)
            }
        }
        return result + [current]
    }
}
