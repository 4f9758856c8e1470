import NIOCore
import NIOHTTP1
import NightjarTesting
import Testing
@testable import Transport
@testable import Host

@Suite struct RequestTableTests {
    private func request(_ path: String) -> RequestInfo {
        RequestInfo(
            HTTPRequest(
                listener: "main", method: .GET, path: path, query: nil, parameters: RouteParameters(), fields: RequestFields(), body: ByteBuffer(),
                remote: "unix"))
    }

    @Test func aNumberIsNeverGivenTwice() {
        var table = RequestTable()
        var random = Seeded(5)
        var live: [(number: Int64, path: String)] = []
        var seen: Set<Int64> = []
        for step in 0..<2_000 {
            if live.isEmpty || live.count < 20 && Bool.random(using: &random) {
                let number = table.add(request("/\(step)"))
                #expect(seen.insert(number).inserted)
                live.append((number, "/\(step)"))
            } else {
                let over = live.remove(at: Int.random(in: live.indices, using: &random))
                table.remove(over.number)
                #expect(table[over.number] == nil)
                table.remove(over.number)
            }
            #expect(table.count == live.count)
            #expect(live.allSatisfy { table[$0.number]?.path == $0.path })
        }
        for number in [0, -1, .min, .max, 1, 1 << 24 - 1] as [Int64] where !live.contains(where: { $0.number == number }) {
            #expect(table[number] == nil)
        }
    }
}
