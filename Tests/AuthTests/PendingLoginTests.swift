import NightjarTesting
import Testing

@testable import Auth

@Suite("Pending logins")
struct PendingLoginTests {
    @Test("a value is taken once, under its own key only")
    func takesOnce() {
        var book = PendingLogins<String>(lifetime: 600, limit: 10)
        book.put("state", "value", now: 0)
        #expect(book.take("other", now: 0) == nil)
        #expect(book.take("state", now: 599) == "value")
        #expect(book.take("state", now: 599) == nil)
    }

    @Test("a newer one takes the place of the older, with a time of its own")
    func replaces() {
        var book = PendingLogins<String>(lifetime: 600, limit: 10)
        book.put("state", "old", now: 0)
        book.put("state", "new", now: 500)
        #expect(book.count == 1)
        #expect(book.take("state", now: 1_000) == "new")
    }

    @Test("nothing is there after its time")
    func expires() {
        var book = PendingLogins<String>(lifetime: 600, limit: 10)
        book.put("state", "value", now: 0)
        #expect(book.take("state", now: 600) == nil && book.count == 0)
        // Nor after the clock was set back by hours.
        book.put("state", "value", now: 10_000_000)
        #expect(book.take("state", now: 0) == nil)
    }

    @Test("what is cleared is nobody's, and the book goes on")
    func clears() {
        var book = PendingLogins<Int>(lifetime: 600, limit: 3)
        for number in 0..<5 { book.put("\(number)", number, now: 0) }
        book.clear()
        #expect(book.count == 0 && book.take("4", now: 1) == nil)
        book.put("4", 7, now: 1)
        #expect(book.take("4", now: 2) == 7)
    }

    @Test("the oldest go at the limit")
    func keepsTheLimit() {
        var book = PendingLogins<Int>(lifetime: 600, limit: 3)
        for number in 0..<5 { book.put("\(number)", number, now: 0) }
        #expect((0..<5).map { book.take("\($0)", now: 1) } == [nil, nil, 2, 3, 4])
    }

    /// The same without an order of its own: what is expected, found the slow way.
    private struct Model {
        var entries: [(key: String, value: Int, until: Int64)] = []

        mutating func put(_ key: String, _ value: Int, _ now: Int64, lifetime: Int64, limit: Int) {
            entries.removeAll { $0.key == key || $0.until <= now }
            entries.append((key, value, now + lifetime))
            if entries.count > limit { entries.removeFirst(entries.count - limit) }
        }

        mutating func take(_ key: String, _ now: Int64) -> Int? {
            entries.removeAll { $0.until <= now }
            guard let index = entries.firstIndex(where: { $0.key == key }) else { return nil }
            return entries.remove(at: index).value
        }
    }

    @Test("any order of puts, takes and time gives what a simple list gives", arguments: 1...20 as ClosedRange<UInt64>)
    func agreesWithASimpleList(_ seed: UInt64) {
        var random = Seeded(seed)
        let limit = Int.random(in: 1...20, using: &random)
        var book = PendingLogins<Int>(lifetime: 100, limit: limit)
        var model = Model()
        var now: Int64 = 0
        for step in 0..<3_000 {
            now += Int64.random(in: 0...10, using: &random)
            let key = "\(Int.random(in: 0..<30, using: &random))"
            if Bool.random(using: &random) {
                book.put(key, step, now: now)
                model.put(key, step, now, lifetime: 100, limit: limit)
            } else {
                #expect(book.take(key, now: now) == model.take(key, now))
            }
            #expect(book.count <= limit)
        }
    }
}
