import Bytes
import Crypto
import Foundation
import NightjarTesting
@testable import Store
import Testing

@testable import Games

/// What goes to a wallet, and what of its answers is believed.
@Suite struct WalletMessageTests {
    private static let holder = WalletCall.Holder(player: "kim \"1\"", currency: "CRE")
    private static let cause = WalletCall.Cause(site: "demo", game: "joker_bingo", round: "r1", kinds: ["bet", "extra"])

    private func texts(_ call: WalletCall) throws -> [String: String] {
        try #require(try JSONSerialization.jsonObject(with: Data(call.body)) as? [String: String])
    }

    @Test func callsAreAsTheDocumentSays() throws {
        #expect(try texts(.authenticate(id: "a-1", Self.holder, token: "t", site: "demo"))
            == ["id": "a-1", "player": "kim \"1\"", "currency": "CRE", "token": "t", "site": "demo"])
        #expect(try texts(.balance(id: "b-1", Self.holder)) == ["id": "b-1", "player": "kim \"1\"", "currency": "CRE"])
        let debit = WalletCall.debit(id: "d-1", Self.holder, amount: 9_007_199_254_740_993, for: Self.cause)
        #expect(String(decoding: debit.body, as: UTF8.self)
            == #"{"id":"d-1","player":"kim \"1\"","currency":"CRE","amount":9007199254740993,"site":"demo","game":"joker_bingo","round":"r1","kinds":["bet","extra"]}"#)
        let credit = WalletCall.credit(id: "d-1", Self.holder, amount: 9_007_199_254_740_993, for: Self.cause)
        #expect(credit.name == .credit && credit.body == debit.body)
        #expect(try texts(.rollback(id: "r-1", Self.holder, debit: "d-1"))
            == ["id": "r-1", "player": "kim \"1\"", "currency": "CRE", "debit": "d-1"])
    }

    @Test func aCallIsReadBackAsItWas() {
        let call = WalletCall.debit(id: "d-1", Self.holder, amount: 4, for: Self.cause)
        #expect(WalletCall("debit", body: call.body) == call)
        #expect(WalletCall("steal", body: call.body) == nil && WalletCall("debit", body: Array("{}".utf8)) == nil)
    }

    private func answer(_ status: Int, _ text: String) -> WalletAnswer {
        WalletAnswer(status: status, body: Array(text.utf8), to: WalletCall.balance(id: "b-1", Self.holder))
    }

    private func isUnknown(_ status: Int, _ text: String) -> Bool {
        if case .unknown = answer(status, text) { true } else { false }
    }

    @Test func onlyAWholeAnswerIsAnAcceptance() {
        #expect(answer(200, #"{"id":"b-1","balance":6,"more":true}"#) == .accepted(WalletBalance(balance: 6)))
        for text in [
            "", "OK", "[]", "{}", #"{"id":"b-2","balance":6}"#, #"{"balance":6}"#, #"{"id":"b-1"}"#, #"{"id":"b-1","balance":-1}"#,
            #"{"id":"b-1","balance":6.0}"#, #"{"id":"b-1","balance":"6"}"#, #"{"id":"b-1","balance":9223372036854775808}"#,
        ] { #expect(isUnknown(200, text), "\(text)") }
        #expect(answer(200, #"{"id":"b-1","balance":9000000000000000}"#) == .accepted(WalletBalance(balance: WalletAnswer.balanceMax)))
        for balance in [WalletAnswer.balanceMax + 1, .max - 1, .max] { #expect(isUnknown(200, #"{"id":"b-1","balance":\#(balance)}"#), "\(balance)") }
        for status in [201, 204, 302] { #expect(isUnknown(status, #"{"id":"b-1","balance":6}"#), "\(status)") }
    }

    @Test func aRefusalIsBelievedOnlyWithTheStatusOfItsCode() {
        for code in WalletRefusal.Code.allCases {
            let text = #"{"error":"\#(code.rawValue)","message":"why"}"#
            #expect(answer(code.status, text) == .refused(WalletRefusal(code: code, detail: "why")))
            for status in [200, 400, 404, 409, 500, 503] where status != code.status { #expect(isUnknown(status, text), "\(code) \(status)") }
        }
        for text in ["<html>not found</html>", "{}", #"{"error":"not_found"}"#, #"{"error":404}"#] { #expect(isUnknown(404, text), "\(text)") }
        #expect(isUnknown(503, #"{"error":"unavailable"}"#))
    }

    /// Anything may come from the other side: it is read or not, and never believed by accident.
    @Test func noAnswerMadeAtRandomIsTaken() {
        var random = Seeded(12)
        let right = Array(#"{"id":"b-1","balance":6}"#.utf8)
        for _ in 0..<20_000 {
            var bytes = right
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
                }
                if bytes.isEmpty { break }
            }
            let read = WalletAnswer(status: 200, body: bytes, to: WalletCall.balance(id: "b-1", Self.holder))
            guard case .accepted(let told) = read else { continue }
            let object = (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: Any]
            #expect(object?["id"] as? String == "b-1" && told.balance >= 0)
        }
    }

    @Test func theSignatureCoversTimeCallAndBody() {
        let secret = Array("a secret of at least thirty-two bytes".utf8)
        let call = WalletCall.debit(id: "d-1", Self.holder, amount: 4, for: Self.cause)
        let value = WalletSignature.value(of: call, secret: secret, now: 1_732_985_433_123)
        let signed = Array("1732985433123.debit.".utf8) + call.body
        let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: secret))
        #expect(value == "t=1732985433123,v1=" + code.map { String(format: "%02x", $0) }.joined())
        #expect(value != WalletSignature.value(of: call, secret: secret, now: 1_732_985_433_124))
        #expect(value != WalletSignature.value(of: call, secret: secret + [1], now: 1_732_985_433_123))
    }

    @Test func aNoteAndWhatIsOwedAreReadBackAsTheyWere() throws {
        let account = AccountKey(realm: "house", user: "kim \"1\"", denom: "credit")
        let note = WalletNote(account: account, transition: .random(), version: 7, debit: "d-1", holder: Self.holder)
        #expect(WalletNote(note.encoded) == note)
        #expect(WalletNote(Array("{}".utf8)) == nil && WalletNote([]) == nil)
        let owed = OwedCall(.credit(id: "c-1", Self.holder, amount: 6, for: Self.cause), account: account, amount: 6)
        let item = owed.item
        #expect(item.topic == "wallet:house")
        let entry = OutboxEntry(id: 1, realm: "house", topic: item.topic, key: item.key, body: item.body, at: 0, attempts: 0)
        #expect(OwedCall(entry) == owed)
    }

    @Test func accountsWithNamesThatLookAlikeHaveNotesOfTheirOwn() {
        let names = [("a", "b", "c"), ("a", "b\",\"c", "c"), ("ab", "", "c"), ("a", "bc", "")].map {
            WalletNote.name(of: AccountKey(realm: $0.0, user: $0.1, denom: $0.2))
        }
        #expect(Set(names).count == names.count)
    }

    @Test func settingsDoNotShowTheirSecret() {
        let settings = WalletSettings(url: "https://operator.example/wallet", secret: Array("hush".utf8))
        #expect(settings.url == "https://operator.example/wallet/")
        #expect(!"\(settings)".contains("hush") && !String(reflecting: settings).contains("104"))
        var text = ""
        dump(settings, to: &text)
        #expect(!text.contains("104") && !text.contains("hush"))
    }
}
