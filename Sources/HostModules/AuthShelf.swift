import Auth
import Bytes
import Host
import Store
import Synchronization

/// What `nightjar.auth` keeps beyond a generation, for all workers: pending logins, books of tokens, tokens of services. By package
/// and name. Any thread.
final class AuthShelf: Sendable {
    private struct State {
        var pending: [String: PendingLogins<[UInt8]>] = [:]
        var tokens: [String: TokenBook] = [:]
        var credentials: [String: Credentials] = [:]
    }

    /// A service's own token, and who waits for it.
    private struct Credentials {
        var machine = ClientCredentials()
        var waiting: [WaitToken] = []
    }

    private let store: any KeyValue
    private let realm: String
    private let state = Lock(State())

    init(store: any KeyValue, realm: String) {
        self.store = store
        self.realm = realm
    }

    func put(_ key: String, _ value: [UInt8], into book: String, lifetime: Int64, limit: Int, now: Int64) {
        state.withLock { state in
            state.pending[book, default: PendingLogins(lifetime: lifetime, limit: limit)].lifetime = lifetime
            state.pending[book]?.limit = limit
            state.pending[book]?.put(key, value, now: now)
        }
    }

    func take(_ key: String, from book: String, now: Int64) -> [UInt8]? { state.withLock { $0.pending[book]?.take(key, now: now) } }

    func clear(_ book: String) { state.withLock { $0.pending[book]?.clear() } }

    /// The book is there already.
    func hasTokens(_ name: String) -> Bool { state.withLock { $0.tokens[name] != nil } }

    func tokens(_ name: String) -> TokenBook {
        state.withLock { state in
            if let known = state.tokens[name] { return known }
            let book = TokenBook(store: store, realm: realm, name: name)
            state.tokens[name] = book
            return book
        }
    }

    /// What is to be done for somebody who needs the service's token; `waiting` hears of it if it is waited for.
    func ask(_ name: String, _ client: OAuthClient, renewing: Bool, now: Int64, waiting: WaitToken) -> ClientCredentials.Answer {
        state.withLock { state in
            let answer = state.credentials[name, default: Credentials()].machine.ask(client, now: now, renewing: renewing)
            switch answer {
            case .send, .wait: state.credentials[name]?.waiting.append(waiting)
            case .token, .failed: break
            }
            return answer
        }
    }

    /// What came of the request; tells all who wait.
    func received(_ name: String, _ reply: OAuthReply, now: Int64) {
        let (result, waiting) = state.withLock { state -> (Result<String, OAuthError>, [WaitToken]) in
            guard var credentials = state.credentials[name] else { return (.failure(OAuthError(.badReply, "nobody asked")), []) }
            let result = credentials.machine.received(reply, now: now)
            let waiting = credentials.waiting
            credentials.waiting = []
            state.credentials[name] = credentials
            return (result, waiting)
        }
        for token in waiting { token.finish(AuthAPI.answer(result)) }
    }
}
