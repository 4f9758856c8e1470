import Bytes
import Logging
import LuaRuntime
import NIOCore
import Store

/// Tells the back office, through the outbox, of players and of sessions that have ended (docs/casino-backoffice.md). Rounds
/// are told by the transition that ends them: see ``RoundReport``. Whether, when and how an item goes out is Lua's business:
/// `Scripts/casino/backoffice`. Loop-bound.
final class BackOfficeReports {
    /// Topics of the package `casino`, as `nightjar.outbox` names them.
    enum Topic {
        static let rounds = "casino:rounds"
        static let players = "casino:players"
        static let sessions = "casino:sessions"
    }

    private let store: any KeyValue
    private let loop: any EventLoop
    private let logger: Logger
    /// Without a back office nothing is told, for nobody would fetch it.
    let isOn: Bool

    init(store: any KeyValue, on loop: any EventLoop, isOn: Bool, logger: Logger) {
        self.store = store
        self.loop = loop
        self.isOn = isOn
        self.logger = logger
    }

    /// What a transition has to tell of the rounds that it ends.
    ///
    /// - Parameter registration: Of the session in which they ended, or of another one of the player; nil: the back office knows none.
    func items(_ rounds: @autoclosure () -> [RoundReport], of user: UserKey, _ registration: Registration?) -> [OutboxItem] {
        isOn ? rounds().map { $0.item(of: user, registration) } : []
    }

    /// What a call's transition says and tells, by what the balance before it turns out to be.
    func retold(_ call: GameCall, _ outcome: ActionOutcome, denom: String, of user: UserKey, _ registration: Registration?) -> Retold {
        { difference in
            var call = call
            guard let before = call.credits.adding(difference), let after = outcome.steps.reduce(before, { $0?.adding($1.delta) }) else { return nil }
            call.credits = before
            return (
                JournalBody.call(call, outcome, creditsAfter: after),
                self.items(RoundReport.all(call, outcome, denom: denom), of: user, registration)
            )
        }
    }

    /// A session that was registered has ended.
    func ended(_ registration: Registration?, of user: UserKey) {
        guard isOn, let registration else { return }
        var body: [UInt8] = []
        body.append(text: "{\"session_id\":")
        body.append(jsonString: registration.session)
        body.append(text: "}")
        let key = "\(Topic.sessions):\(registration.session)"
        tell(OutboxItem(topic: Topic.sessions, key: key, body: body), of: user) { _ in }
    }

    /// How a player stands now; only the latest news of an account waits. `done` hears whether it is kept.
    func player(_ news: PlayerNews, of user: UserKey, _ done: @escaping (Bool) -> Void) {
        guard isOn else { return done(true) }
        let key = "\(Topic.players):\(news.denom):\(user.user)"
        tell(OutboxItem(topic: Topic.players, key: key, body: news.body(user), replaces: true), of: user, done)
    }

    private func tell(_ item: OutboxItem, of user: UserKey, _ done: @escaping (Bool) -> Void) {
        store.apply(
            [.tell(realm: user.realm, item)], on: loop,
            loop.back { result in
                if case .failure(let error) = result {
                    self.logger.error("not told to the back office", metadata: [
                        "topic": "\(item.topic)", "user": "\(user.user)", "error": "\(error)",
                    ])
                    return done(false)
                }
                done(true)
            })
    }
}

extension Int64 {
    /// The sum; nil if 64 bits do not hold it.
    fileprivate func adding(_ other: Int64) -> Int64? {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? nil : sum
    }
}

/// What the back office hears of a player from time to time.
struct PlayerNews {
    var playerID: String?
    /// The denomination's name at the back office.
    var denom: String
    var credits: Int64
    /// The player's data on the site of one of the sessions, a JSON object: the level stands there.
    var userdata: [UInt8]
    /// Milliseconds since 1970: news that come late are told from newer ones by it.
    var at: Int64

    func body(_ user: UserKey) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(192)
        body.append(text: "{\"platform\":")
        body.append(jsonString: user.realm)
        body.append(text: ",\"uid\":")
        body.append(jsonString: user.user)
        if let playerID {
            body.append(text: ",\"player_id\":")
            body.append(jsonString: playerID)
        }
        body.append(text: ",\"credits\":")
        body.append(decimal: credits)
        body.append(text: ",\"denom\":")
        body.append(jsonString: denom)
        userdata.withUnsafeBytes { text in
            guard let data = try? JSONObject(text) else { return }
            for name in ["soc_level", "spend_total"] as [StaticString] {
                guard let value = data[name], value.kind == .integer || value.kind == .float else { continue }
                body.append(text: ",\"")
                body.append(text: name)
                body.append(text: "\":")
                body.append(contentsOf: value.bytes)
            }
        }
        body.append(text: ",\"at\":")
        body.append(decimal: at)
        body.append(text: "}")
        return body
    }
}
