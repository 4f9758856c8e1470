import Bytes
import Store

/// What the back office hears of a round, written with the transition that ends it (docs/casino-backoffice.md): no round is told
/// of that did not happen, and none that happened is not told. The round's id makes it harmless to tell it again.
struct RoundReport {
    var round: Round
    var outcome: RoundOutcome
    var place: GameKey
    /// Milliseconds since 1970.
    var endedAt: Int64
    /// The player's after the round.
    var balance: Int64
    /// The denomination's name at the back office.
    var denom: String

    /// The rounds that a call has ended, in order.
    static func all(_ call: GameCall, _ outcome: ActionOutcome, denom: String) -> [RoundReport] {
        outcome.ended.map { ended in
            RoundReport(
                round: ended.round, outcome: ended.outcome, place: GameKey(site: call.site, game: call.game), endedAt: call.now,
                balance: outcome.steps[...ended.step].reduce(call.credits) { $0 &+ $1.delta }, denom: denom)
        }
    }

    /// - Parameter registration: Of the session in which it ended, or of another one of the player; nil: the back office knows none.
    func item(of user: UserKey, _ registration: Registration?) -> OutboxItem {
        var body: [UInt8] = []
        body.reserveCapacity(512)
        body.append(text: "{\"round_id\":\"")
        body.append(round.id)
        body.append(text: "\"")
        if let registration {
            body.append(text: ",\"session_id\":")
            body.append(jsonString: registration.session)
            body.append(text: ",\"player_id\":")
            body.append(jsonString: registration.player)
        }
        for (name, text) in [
            ("platform", user.realm), ("uid", user.user), ("site", place.site), ("game", place.game), ("denom", denom),
        ] as [(StaticString, String)] {
            body.append(text: ",\"")
            body.append(text: name)
            body.append(text: "\":")
            body.append(jsonString: text)
        }
        body.append(text: ",\"started\":")
        body.append(decimal: round.startedAt)
        body.append(text: ",\"ended\":")
        body.append(decimal: endedAt)
        body.append(text: ",\"outcome\":\"")
        body.append(contentsOf: outcome.rawValue.utf8)
        body.append(text: "\"")
        appendWhatMoved(to: &body)
        body.append(text: ",\"total_in\":")
        body.append(decimal: round.staked)
        body.append(text: ",\"total_out\":")
        body.append(decimal: round.paid)
        body.append(text: ",\"balance\":")
        body.append(decimal: balance)
        body.append(text: "}")
        return OutboxItem(topic: BackOfficeReports.Topic.rounds, key: round.id.description, body: body)
    }

    private func appendWhatMoved(to body: inout [UInt8]) {
        body.append(text: ",\"ops\":[")
        for (index, op) in round.ops.enumerated() {
            if index > 0 { body.append(text: ",") }
            body.append(text: "{\"type\":\"")
            body.append(contentsOf: op.kind.rawValue.utf8)
            body.append(text: "\",\"amount\":")
            body.append(decimal: op.amount < 0 ? 0 &- op.amount : op.amount)
            // An engine has kinds of its own, whose names do not say who pays.
            body.append(text: op.amount < 0 ? ",\"direction\":\"in\"}" : ",\"direction\":\"out\"}")
        }
        body.append(text: "],\"marks\":[")
        for (index, mark) in round.marks.enumerated() {
            if index > 0 { body.append(text: ",") }
            body.append(text: "\"")
            body.append(contentsOf: mark.rawValue.utf8)
            body.append(text: "\"")
        }
        body.append(text: "]")
    }
}
