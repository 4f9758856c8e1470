import Bytes
import NIOCore
import NIOPosix
import NightjarTesting
import Store
import Synchronization
import Testing

@testable import Auth

@Suite("Books of tokens")
struct TokenBookTests {
    private let loop = MultiThreadedEventLoopGroup.singleton.next()

    private func wait<Value: Sendable>(_ body: (@escaping @Sendable (Result<Value, StoreError>) -> Void) -> Void) async throws -> Value {
        try await withCheckedContinuation { continuation in body { continuation.resume(returning: $0) } }.get()
    }

    private func issue(_ book: TokenBook, _ subject: String, _ data: String = "") async throws -> String {
        try await wait { book.issue(subject, bytes: 8, data: Array(data.utf8), now: 1_000, on: loop, $0) }
    }

    private func book(_ store: any KeyValue, _ name: String = "argus:tokens") async throws -> TokenBook {
        let book = TokenBook(store: store, realm: "local", name: name)
        try await wait { book.read(on: loop, $0) }
        return book
    }

    @Test("a token finds its subject, another one nobody")
    func finds() async throws {
        let book = try await book(MemoryStore())
        let token = try await issue(book, "4711", "data")
        #expect(token.count == 16 && token.allSatisfy { "0123456789abcdef".contains($0) })
        let record = try #require(book.record(of: token.utf8))
        #expect(record.subject == "4711" && record.data == Array("data".utf8) && record.issued == 1_000)
        #expect(book.record(of: token.uppercased().utf8)?.subject == (token.uppercased() == token ? "4711" : nil))
        #expect(book.record(of: "".utf8) == nil && book.record(of: (token + " ").utf8) == nil)
    }

    @Test("a newer token ends the older one of the same subject, and no other")
    func replaces() async throws {
        let book = try await book(MemoryStore())
        let old = try await issue(book, "4711"), other = try await issue(book, "4712")
        let new = try await issue(book, "4711")
        #expect(book.record(of: old.utf8) == nil)
        #expect(book.record(of: new.utf8)?.subject == "4711" && book.record(of: other.utf8)?.subject == "4712")
    }

    @Test("tokens survive a restart; data are replaced, subjects erased")
    func survivesARestart() async throws {
        let store = MemoryStore()
        let first = try await book(store)
        var tokens: [String] = []
        // More than one page of the start's reading.
        for number in 0..<1_050 { tokens.append(try await issue(first, "s\(number)", "\(number)")) }
        #expect(try await wait { first.update("s7", data: Array("new".utf8), on: loop, $0) } == true)
        #expect(try await wait { first.update("nobody", data: [], on: loop, $0) } == false)
        #expect(try await wait { first.erase("s8", on: loop, $0) } == true)
        #expect(try await wait { first.erase("s8", on: loop, $0) } == false)
        let second = try await book(store)
        #expect(second.records == first.records && second.records.count == 1_049)
        #expect(second.record(of: tokens[7].utf8)?.data == Array("new".utf8))
        #expect(second.record(of: tokens[8].utf8) == nil)
        #expect(try await wait { second.eraseAll(on: loop, $0) } == 1_049)
        #expect(try await book(store).records.isEmpty)
    }

    @Test("the store holds no token, and books of others nothing of this one")
    func storesDigestsOnly() async throws {
        let store = MemoryStore()
        let book = try await book(store)
        let token = try await issue(book, "4711", "data")
        let value = try #require(try await wait { store.get(StoreKey(realm: "local", name: "auth:argus:tokens:4711"), on: loop, $0) } as StoreValue?)
        let text = String(decoding: value.bytes, as: UTF8.self)
        #expect(!text.contains(token) && !text.contains(token.prefix(4)))
        #expect(!text.contains(String(decoding: Base64.encode(Array(token.utf8), url: false), as: UTF8.self)))
        let record = try #require(book.records.first)
        #expect(record.hint.count == 4)
        #expect(try await self.book(store, "other:tokens").record(of: token.utf8) == nil)
    }

    @Test("changes that overtake each other leave memory and store the same", arguments: 1...5 as ClosedRange<UInt64>)
    func keepsOrder(_ seed: UInt64) async throws {
        let store = MemoryStore()
        let book = try await book(store)
        var random = Seeded(seed)
        let choices = (0..<300).map { _ in (Int.random(in: 0..<3, using: &random), "s\(Int.random(in: 0..<5, using: &random))") }
        let left = Lock(choices.count)
        await withCheckedContinuation { continuation in
            let done: @Sendable () -> Void = { if left.withLock({ $0 -= 1; return $0 == 0 }) { continuation.resume() } }
            for (number, (kind, subject)) in choices.enumerated() {
                // From several loops at once.
                let loop = MultiThreadedEventLoopGroup.singleton.next()
                switch kind {
                case 0: book.issue(subject, bytes: 8, data: [], now: Int64(number), on: loop) { _ in done() }
                case 1: book.update(subject, data: Array("\(number)".utf8), on: loop) { _ in done() }
                default: book.erase(subject, on: loop) { _ in done() }
                }
            }
        }
        #expect(try await self.book(store).records == book.records)
    }

    @Test("a store that fails gives no token, keeps the older one, and is read again later")
    func failsWithTheStore() async throws {
        let faults = StoreFaults()
        let store = MemoryStore(faults: faults)
        let book = TokenBook(store: store, realm: "local", name: "b")
        faults.fail(.call, at: 1, times: 1)
        await #expect(throws: StoreError.self) { try await wait { book.read(on: loop, $0) } as Void }
        #expect(!book.isReady)
        let old = try await issue(book, "4711")
        faults.fail(.call, at: 1, times: 1)
        await #expect(throws: StoreError.self) { try await issue(book, "4711") }
        #expect(book.record(of: old.utf8)?.subject == "4711")
    }

    @Test("what is too long is refused, and too many changes at once are")
    func keepsLimits() async throws {
        let book = try await book(MemoryStore())
        await #expect(throws: StoreError.self) { try await issue(book, "") }
        await #expect(throws: StoreError.self) { try await issue(book, String(repeating: "s", count: AuthLimits.subjectBytes + 1)) }
        await #expect(throws: StoreError.self) { try await issue(book, "s", String(repeating: "d", count: AuthLimits.dataBytes + 1)) }
        #expect(book.records.isEmpty)
    }

    @Test("ten thousand guesses find nobody")
    func survivesGuesses() async throws {
        let book = try await book(MemoryStore())
        for number in 0..<50 { _ = try await issue(book, "\(number)") }
        var random = Seeded(3)
        for _ in 0..<10_000 {
            let guess = String(random.next() as UInt64, radix: 16)
            #expect(book.record(of: guess.utf8) == nil)
        }
    }
}
