import NightjarTesting
import Testing
@testable import Transport

/// Chance looks for what the tables do not name.
@Suite(.timeLimit(.minutes(2))) struct RequestDecoderFuzzTests {
    /// A request that means what it says, of any form.
    private func request(_ random: inout Seeded) -> [UInt8] {
        func pick(_ texts: [String]) -> String { texts.randomElement(using: &random)! }
        let method = pick(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND"])
        let target = pick(["/", "/a", "/a/b?c=d", "/?x", "/%41", "/a//b", "/" + String(repeating: "x", count: 60)])
        let isOld = Int.random(in: 0..<8, using: &random) == 0
        var fields = ["\(pick(["host", "Host", "HOST"])):\(pick(["", " ", "\t"]))\(pick(["a", "a.b:80", "[::1]"]))"]
        for _ in 0..<Int.random(in: 0..<4, using: &random) {
            fields.append(pick(["x: y", "Accept: */*", "x:", "cookie: a=b; c=d", "connection: keep-alive", "x-y:\t z \t", "origin: http://a"]))
        }
        var body = ""
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            body = String(repeating: "b", count: Int.random(in: 0..<20, using: &random))
            fields.append("\(pick(["content-length", "Content-Length"])): \(body.utf8.count)")
        case 1 where !isOld:
            fields.append("transfer-encoding: \(pick(["chunked", "Chunked"]))")
            for _ in 0..<Int.random(in: 0..<4, using: &random) {
                let count = Int.random(in: 1..<20, using: &random)
                body += "\(String(count, radix: 16))\(pick(["", "", ";a=b"]))\r\n\(String(repeating: "c", count: count))\r\n"
            }
            body += "0\r\n\(pick(["", "", "t: u\r\n"]))\r\n"
        default: break
        }
        fields.shuffle(using: &random)
        return Array(("\(method) \(target) HTTP/1.\(isOld ? 0 : 1)\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n" + body).utf8)
    }

    /// Changes a few bytes, to those that mean something above all.
    private func mutate(_ bytes: inout [UInt8], _ random: inout Seeded) {
        let telling = Array("\r\n\r\n :\t;,0a/?#%\u{0}\u{7f}".utf8)
        for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &random)
            let byte = Bool.random(using: &random) ? telling.randomElement(using: &random)! : UInt8.random(in: 0...255, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] = byte
            case 1: bytes.insert(byte, at: place)
            case 2: bytes.remove(at: place)
            default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 12)], at: place)
            }
        }
    }

    private func pieces(_ bytes: [UInt8], _ random: inout Seeded) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = min(rest.count, Int.random(in: 1...40, using: &random))
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return pieces
    }

    /// Up to the request after which the connection ends: behind it nothing is read.
    private func untilLast(_ seen: [Seen]) -> [Seen] {
        let last = seen.firstIndex { if case .request(let request) = $0 { !request.isKeepAlive } else { false } }
        return Array(seen[...(last ?? seen.count - 1)])
    }

    @Test(arguments: 0..<8) func whatIsMeantIsUnderstoodAlike(_ seed: UInt64) {
        var random = Seeded(100 + seed)
        for _ in 0..<250 {
            let bytes = (0..<Int.random(in: 1...3, using: &random)).flatMap { _ in request(&random) }
            let seen = decodeRequests([bytes])
            #expect(untilLast(seen) == untilLast(decodeRequestsByNIO(bytes)), "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
            #expect(seen == decodeRequests(pieces(bytes, &random)))
        }
    }

    /// NIO's decoder stands for whoever else reads the same bytes. What one of them refuses the other may take, but nothing that
    /// both take may mean two things: where requests end, their fields, their bodies.
    @Test(arguments: 0..<16) func nothingIsTakenThatMeansAnotherThingElsewhere(_ seed: UInt64) {
        var random = Seeded(200 + seed)
        for _ in 0..<400 {
            var bytes = (0..<Int.random(in: 1...2, using: &random)).flatMap { _ in request(&random) }
            mutate(&bytes, &random)
            let seen = decodeRequests([bytes])
            #expect(seen == decodeRequests(pieces(bytes, &random)), "pieces: \(String(decoding: bytes, as: UTF8.self).debugDescription)")
            let requests = untilLast(seen).prefix { if case .request = $0 { true } else { false } }
            let other = untilLast(decodeRequestsByNIO(bytes))
            let common = zip(requests, other).prefix { if case .refused = $1 { false } else { true } }
            let isCutShort = common.count < requests.count && !(other.dropFirst(common.count).first.map { if case .refused = $0 { true } else { false } } ?? false)
            #expect(
                !isCutShort && common.allSatisfy { $0 == $1 },
                "\(String(decoding: bytes, as: UTF8.self).debugDescription): \(requests), elsewhere \(other)")
        }
    }

    @Test func noBytesDoHarm() {
        var random = Seeded(3)
        for _ in 0..<3_000 {
            let bytes = random.bytes(Int.random(in: 0...200, using: &random))
            #expect(decodeRequests([bytes]) == decodeRequests(pieces(bytes, &random)))
        }
    }
}
