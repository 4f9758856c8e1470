import Bytes
public import NIOCore
public import Store
import Synchronization

/// Durable tokens, one per subject, of which only the digests are kept: who reads the store cannot pose as anybody. Any thread.
///
///     store ──▸ reading ──▸ index in memory ◂── one change after the other ◂── issue, update, erase
///                              │                     (stored first, then valid)
///                              └──▸ find: no wait
///
/// Changes are made one after the other, so that the order in memory is the one in the store.
public final class TokenBook: Sendable {
    public typealias Done<Value> = @Sendable (Result<Value, StoreError>) -> Void

    private enum Phase {
        case unread
        case reading
        case ready
    }

    private struct Change: Sendable {
        let loop: any EventLoop
        /// What to store, given what is known; nil: nothing is to be done.
        let plan: @Sendable (TokenIndex) -> Result<Plan?, StoreError>
        let done: @Sendable (Result<Bool, StoreError>) -> Void
    }

    private struct Plan: Sendable {
        var changes: [StoreChange]
        var apply: @Sendable (inout TokenIndex) -> Void
    }

    private struct State {
        var phase = Phase.unread
        var index = TokenIndex()
        /// Who waits for the book to be read.
        var readers: [(loop: any EventLoop, done: Done<Void>)] = []
        var waiting: [Change] = []
        var isWriting = false
    }

    private let store: any KeyValue
    private let realm: String
    private let name: String
    private let state = Lock(State())

    /// Records read at once at the start.
    private static let pageRows = 1_000

    /// - Parameter name: Of the book within the realm, part of its keys.
    public init(store: any KeyValue, realm: String, name: String) {
        self.store = store
        self.realm = realm
        self.name = name
    }

    // MARK: Reading

    /// Whether `record(of:)` and `records` know what the store knows. If not, `read` first.
    public var isReady: Bool { state.withLock { $0.phase == .ready } }

    public func record(of token: some Collection<UInt8>) -> TokenRecord? { state.withLock { $0.index.record(of: token) } }
    public func record(ofSubject subject: String) -> TokenRecord? { state.withLock { $0.index.bySubject[subject] } }
    /// All, by subject.
    public var records: [TokenRecord] { state.withLock { $0.index.sorted } }

    /// Reads the book from the store, if that has not been done. When it fails, the next call tries again.
    public func read(on loop: any EventLoop, _ done: @escaping Done<Void>) {
        let (isReady, begins) = state.withLock { state in
            guard state.phase != .ready else { return (true, false) }
            state.readers.append((loop, done))
            defer { state.phase = .reading }
            return (false, state.phase == .unread)
        }
        if isReady { return loop.execute { done(.success(())) } }
        if begins { readPage(from: 0, on: loop) }
    }

    private func readPage(from rank: Int, on loop: any EventLoop) {
        let range = SortedRange(.rank(from: rank, through: rank + Self.pageRows - 1), limit: Self.pageRows)
        store.sortedRange(listKey, range, on: loop) { result in
            switch result {
            case .failure(let error): self.endReading(.failure(error))
            case .success(let members) where members.isEmpty: self.endReading(.success(()))
            case .success(let members): self.read(members, from: rank, on: loop)
            }
        }
    }

    /// Answers to reads come in their order, so the last one comes last.
    private func read(_ members: [SortedMember], from rank: Int, on loop: any EventLoop) {
        let failure = Lock<StoreError?>(nil)
        for (position, member) in members.enumerated() {
            store.get(key(member.member), on: loop) { result in
                switch result {
                case .success(let value):
                    if let record = value.flatMap({ StoredToken.record(member.member, $0.bytes) }) { self.state.withLock { $0.index.set(record) } }
                case .failure(let error): failure.withLock { $0 = $0 ?? error }
                }
                guard position == members.count - 1 else { return }
                if let error = failure.withLock({ $0 }) { return self.endReading(.failure(error)) }
                if members.count < Self.pageRows { self.endReading(.success(())) } else { self.readPage(from: rank + members.count, on: loop) }
            }
        }
    }

    private func endReading(_ result: Result<Void, StoreError>) {
        let readers = state.withLock { state in
            if case .success = result { state.phase = .ready } else { state.phase = .unread }
            defer { state.readers = [] }
            return state.readers
        }
        for reader in readers { reader.loop.execute { reader.done(result) } }
    }

    // MARK: Changing

    /// Gives a subject a new token; an older one is worth nothing from then on.
    ///
    /// - Parameters:
    ///   - bytes: Random bytes of the token; it has twice as many hexadecimal digits.
    ///   - now: Milliseconds since 1970.
    public func issue(_ subject: String, bytes: Int, data: [UInt8], now: Int64, on loop: any EventLoop, _ done: @escaping Done<String>) {
        if let error = mistake(subject) ?? mistake(data) { return loop.execute { done(.failure(error)) } }
        var generator = SystemRandomNumberGenerator()
        let token = LoginAddress.hex((0..<bytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
        let record = TokenRecord(subject: subject, digest: TokenIndex.digest(of: token.utf8), issued: now, data: data)
        change(on: loop, plan: { index in
            guard index.bySubject[subject] != nil || index.bySubject.count < AuthLimits.subjects else {
                return .failure(StoreError(.full, "a book has at most \(AuthLimits.subjects) subjects"))
            }
            return .success(self.keeping(record))
        }) { result in done(result.map { _ in token }) }
    }

    /// Replaces the data beside a subject's token. Answers whether there is such a subject.
    public func update(_ subject: String, data: [UInt8], on loop: any EventLoop, _ done: @escaping Done<Bool>) {
        if let error = mistake(data) { return loop.execute { done(.failure(error)) } }
        change(on: loop, plan: { index in
            guard var record = index.bySubject[subject] else { return .success(nil) }
            record.data = data
            return .success(self.keeping(record))
        }, done)
    }

    /// Answers whether there was such a subject.
    public func erase(_ subject: String, on loop: any EventLoop, _ done: @escaping Done<Bool>) {
        change(on: loop, plan: { index in
            guard index.bySubject[subject] != nil else { return .success(nil) }
            return .success(self.dropping([subject]))
        }, done)
    }

    /// Erases all, in several steps if there are many. Answers how many there were.
    public func eraseAll(on loop: any EventLoop, _ done: @escaping Done<Int>) { eraseAll(erased: 0, on: loop, done) }

    private func eraseAll(erased: Int, on loop: any EventLoop, _ done: @escaping Done<Int>) {
        let count = Lock(0)
        change(on: loop, plan: { index in
            // A batch of the store has two changes for each.
            let subjects = Array(index.bySubject.keys.prefix(StoreLimits.writesPerBatch / 2))
            count.withLock { $0 = subjects.count }
            return .success(subjects.isEmpty ? nil : self.dropping(subjects))
        }) { result in
            let sum = erased + count.withLock { $0 }
            switch result {
            case .failure(let error): done(.failure(error))
            case .success(true): self.eraseAll(erased: sum, on: loop, done)
            case .success(false): done(.success(sum))
            }
        }
    }

    private func mistake(_ subject: String) -> StoreError? {
        (1...AuthLimits.subjectBytes).contains(subject.utf8.count) ? nil : StoreError(.tooLarge, "a subject has 1 to \(AuthLimits.subjectBytes) bytes")
    }

    private func mistake(_ data: [UInt8]) -> StoreError? {
        data.count <= AuthLimits.dataBytes ? nil : StoreError(.tooLarge, "the data beside a token have at most \(AuthLimits.dataBytes) bytes")
    }

    private func keeping(_ record: TokenRecord) -> Plan {
        Plan(
            changes: [
                .set(key(record.subject), StoredToken(record).bytes), .add(listKey, SortedMember(record.subject, Double(record.issued))),
            ],
            apply: { $0.set(record) })
    }

    private func dropping(_ subjects: [String]) -> Plan {
        Plan(
            changes: subjects.flatMap { [.delete(key($0)), .remove(listKey, member: $0)] },
            apply: { index in for subject in subjects { index.remove(subject) } })
    }

    /// - Parameter done: Gets whether there was something to be done.
    private func change(
        on loop: any EventLoop, plan: @escaping @Sendable (TokenIndex) -> Result<Plan?, StoreError>, _ done: @escaping Done<Bool>
    ) {
        read(on: loop) { result in
            if case .failure(let error) = result { return done(.failure(error)) }
            let isTaken = self.state.withLock { state in
                guard state.waiting.count < AuthLimits.waitingChanges else { return false }
                state.waiting.append(Change(loop: loop, plan: plan, done: done))
                return true
            }
            if isTaken { self.writeNext() } else { done(.failure(StoreError(.busy, "\(AuthLimits.waitingChanges) changes of the book wait already"))) }
        }
    }

    private func writeNext() {
        let (next, index) = state.withLock { state -> (Change?, TokenIndex) in
            guard !state.isWriting, !state.waiting.isEmpty else { return (nil, TokenIndex()) }
            state.isWriting = true
            return (state.waiting.removeFirst(), state.index)
        }
        guard let next else { return }
        switch next.plan(index) {
        case .failure(let error): end(next, .failure(error))
        case .success(nil): end(next, .success(false))
        case .success(let plan?):
            store.apply(plan.changes, on: next.loop) { result in
                if case .success = result { self.state.withLock { plan.apply(&$0.index) } }
                self.end(next, result.map { true })
            }
        }
    }

    private func end(_ change: Change, _ result: Result<Bool, StoreError>) {
        state.withLock { $0.isWriting = false }
        change.loop.execute {
            change.done(result)
            self.writeNext()
        }
    }

    private var listKey: StoreKey { StoreKey(realm: realm, name: "auth:\(name)") }
    private func key(_ subject: String) -> StoreKey { StoreKey(realm: realm, name: "auth:\(name):\(subject)") }
}
