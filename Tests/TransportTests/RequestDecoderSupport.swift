import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing
@testable import Transport

/// What a decoder made of the bytes of a connection.
enum Seen: Equatable {
    case request(SeenRequest)
    case refused(Int)
    /// The bytes ended within a request.
    case unfinished
}

struct SeenRequest: Equatable {
    var method: String
    /// As it was sent, but for the scheme and host of an absolute one.
    var target: String
    var isOld: Bool
    var fields: [String]
    var body: [UInt8]
    var isKeepAlive: Bool
}

/// Feeds the pieces one after the other, as a connection does: what is left of one comes again before the next.
func decodeRequests(_ pieces: [[UInt8]], limits: TransportLimits = TransportLimits()) -> [Seen] {
    var decoder = RequestDecoder(limits)
    var memory = FieldMemory()
    var seen: [Seen] = []
    var rest: [UInt8] = []
    var request: SeenRequest?
    for piece in pieces {
        rest += piece
        let used = rest.withUnsafeBytes { bytes -> Int? in
            var input = RequestInput(bytes)
            // Each answer takes a byte at least, but for the end of a body.
            for _ in 0...2 * bytes.count + 2 {
                switch decoder.next(&input, &memory) {
                case .needMore: return input.offset
                case .head:
                    let head = SeenRequest(
                        method: decoder.head.method.rawValue, target: decoder.head.path + (decoder.head.query.map { "?" + $0 } ?? ""),
                        isOld: decoder.head.isOld, fields: decoder.head.fields.headers.map { "\($0.name): \($0.value)" }, body: [],
                        isKeepAlive: decoder.head.isKeepAlive)
                    if decoder.head.hasBody { request = head } else { seen.append(.request(head)) }
                case .body(let part): request?.body += part
                case .end:
                    if let complete = request { seen.append(.request(complete)) }
                    request = nil
                case .refused(let refusal):
                    seen.append(.refused(refusal.status))
                    return nil
                }
            }
            Issue.record("more answers than bytes: \(seen.suffix(3))")
            return nil
        }
        guard let used else { return seen }
        rest.removeFirst(used)
    }
    if !rest.isEmpty || request != nil { seen.append(.unfinished) }
    return seen
}

func decodeRequests(_ text: String) -> [Seen] { decodeRequests([Array(text.utf8)]) }

/// The same by NIO's decoder, but for tabs at the end of values, which it leaves there.
func decodeRequestsByNIO(_ bytes: [UInt8]) -> [Seen] {
    let channel = EmbeddedChannel()
    defer { _ = try? channel.finish() }
    var seen: [Seen] = []
    var request: SeenRequest?
    func take() {
        while let part = try? channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head(let head):
                request = SeenRequest(
                    method: head.method.rawValue, target: head.uri, isOld: head.version.minor == 0,
                    fields: head.headers.map { "\($0.name): \(Substring($0.value).trimmed)" }, body: [], isKeepAlive: head.isKeepAlive)
            case .body(let body): request?.body += Array(body.readableBytesView)
            case .end:
                if let complete = request { seen.append(.request(complete)) }
                request = nil
            }
        }
    }
    do {
        try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try channel.writeInbound(ByteBuffer(bytes: bytes))
        take()
    } catch {
        take()
        seen.append(.refused(400))
        return seen
    }
    if request != nil { seen.append(.unfinished) }
    return seen
}
