import Foundation
import Games

/// What the cases are made of: calls with fresh ids, and what is expected of them.
struct WalletBench: Sendable {
    let probe: WalletProbe
    let player: WalletTrial.Player

    var holder: WalletCall.Holder { WalletCall.Holder(player: player.id, currency: player.currency) }

    static func id() -> String { "check-" + UUID().uuidString.lowercased() }

    private static let cause = WalletCall.Cause(
        site: "check", game: "check", round: "00000000-0000-4000-8000-000000000000", kinds: ["bet"])

    // MARK: Calls

    func authenticate(token: String? = nil) -> WalletCall {
        .authenticate(id: Self.id(), holder, token: token ?? player.token, site: "check")
    }

    func debitCall(_ amount: Int64, id: String = WalletBench.id(), holder: WalletCall.Holder? = nil) -> WalletCall {
        .debit(id: id, holder ?? self.holder, amount: amount, for: Self.cause)
    }

    func creditCall(_ amount: Int64, id: String = WalletBench.id()) -> WalletCall { .credit(id: id, holder, amount: amount, for: Self.cause) }

    func rollbackCall(_ debit: String, id: String = WalletBench.id()) -> WalletCall { .rollback(id: id, holder, debit: debit) }

    /// A call with a body of the case's own.
    func raw(_ name: WalletCall.Name, _ members: String, id: String = WalletBench.id()) throws -> WalletCall {
        let text = #"{"id":"\#(id)","player":\#(Self.json(player.id)),"currency":\#(Self.json(player.currency))\#(members)}"#
        guard let call = WalletCall(name.rawValue, body: Array(text.utf8)) else { throw WalletTrial.Finding(text: "the case is wrong: \(text)") }
        return call
    }

    private static func json(_ text: String) -> String {
        String(decoding: (try? JSONEncoder().encode(text)) ?? Data("\"\"".utf8), as: UTF8.self)
    }

    // MARK: What is expected

    /// The balance that an accepted call tells.
    @discardableResult
    func accepted(_ call: WalletCall, _ spoiling: WalletProbe.Spoiling = .none) async throws -> Int64 {
        let reply = await probe.send(call, spoiling)
        guard case .accepted(let told) = reply.answer else { throw WalletTrial.Finding(text: "the \(call.name.rawValue) was not accepted: \(Self.words(reply))") }
        return told.balance
    }

    func refused(_ call: WalletCall, _ code: WalletRefusal.Code, _ spoiling: WalletProbe.Spoiling = .none) async throws {
        let reply = await probe.send(call, spoiling)
        guard case .refused(let refusal) = reply.answer, refusal.code == code else {
            throw WalletTrial.Finding(text: "status \(code.status) with \(code.rawValue) is expected, not \(Self.words(reply))")
        }
    }

    func equal(_ got: Int64, _ wanted: Int64, _ what: String) throws {
        if got != wanted { throw WalletTrial.Finding(text: "\(what) is \(got), \(wanted) is expected") }
    }

    /// Nothing of `body` moves a credit.
    func unmoved(_ body: () async throws -> Void) async throws {
        let before = try await balance()
        try await body()
        try equal(try await balance(), before, "the balance afterwards")
    }

    func balance() async throws -> Int64 { try await accepted(.balance(id: Self.id(), holder)) }
    func debit(_ amount: Int64, id: String = WalletBench.id()) async throws -> Int64 { try await accepted(debitCall(amount, id: id)) }
    func credit(_ amount: Int64, id: String = WalletBench.id()) async throws -> Int64 { try await accepted(creditCall(amount, id: id)) }
    func rollback(_ debit: String) async throws -> Int64 { try await accepted(rollbackCall(debit)) }

    /// All of them at the same time.
    func together(_ calls: [WalletCall]) async -> [WalletAnswer] {
        await withTaskGroup(of: WalletAnswer.self) { group in
            for call in calls { group.addTask { await probe.send(call).answer } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    static func words(_ reply: WalletProbe.Reply) -> String {
        guard reply.status != 0 else { return "no answer" }
        return "status \(reply.status) with \(reply.body.prefix(200))"
    }
}

extension [WalletAnswer] {
    var accepted: Int { count { if case .accepted = $0 { true } else { false } } }

    func refused(_ code: WalletRefusal.Code) -> Int {
        count { if case .refused(let refusal) = $0 { refusal.code == code } else { false } }
    }
}
