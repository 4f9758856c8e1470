import NightjarTesting
import Testing
@testable import Transport

private let plain = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

private func setting(takeover: Bool = false, windowBits: Int = 12) -> Compression {
    var setting = Compression()
    setting.contextTakeover = takeover
    setting.windowBits = windowBits
    return setting
}

@Suite struct DeflateNegotiationTests {
    @Test(arguments: [
        ("", []),
        ("a", [.init(name: "a")]),
        (" a , ,b;x ;y=1\t", [.init(name: "a"), .init(name: "b", parameters: [.init(name: "x"), .init(name: "y", value: "1")])]),
        ("a; x=\"1\\2\"", [.init(name: "a", parameters: [.init(name: "x", value: "12")])]),
        ("A; X=Y", [.init(name: "a", parameters: [.init(name: "x", value: "Y")])]),
        // What is malformed is not used, nor what comes after it.
        ("a, b; =1, c", [.init(name: "a")]), ("a, b; x=, c", [.init(name: "a")]), ("a, b c, d", [.init(name: "a")]),
        ("a;", []), ("a; x=\"1", []), ("a; x=\"\"", []), ("a; x=\"1 2\"", []), ("a; x=\"\\", []), ("ä", []), ("a=1", []),
    ] as [(String, [ExtensionElement])])
    func headerFieldsAreReadAsTheirGrammarSays(_ field: String, _ expected: [ExtensionElement]) {
        #expect(ExtensionElement.list(field) == expected)
    }

    @Test(arguments: [
        ("permessage-deflate", plain),
        ("permessage-deflate; client_max_window_bits", plain),
        ("permessage-deflate; client_max_window_bits=10", plain),
        ("permessage-deflate; server_no_context_takeover", plain),
        ("permessage-deflate; client_no_context_takeover; server_no_context_takeover", plain),
        ("permessage-deflate; server_max_window_bits=10; client_max_window_bits", plain + "; server_max_window_bits=10"),
        ("permessage-deflate; server_max_window_bits=\"15\"", plain + "; server_max_window_bits=15"),
        ("permessage-deflate;server_max_window_bits=8", plain + "; server_max_window_bits=8"),
        ("x-webkit-deflate-frame, permessage-deflate", plain),
        // The first offer that can be used.
        ("permessage-deflate; server_max_window_bits=9, permessage-deflate", plain + "; server_max_window_bits=9"),
        ("permessage-deflate; unknown, permessage-deflate", plain),
        ("permessage-deflate; server_max_window_bits=16, permessage-deflate; server_max_window_bits=14", plain + "; server_max_window_bits=14"),
    ])
    func withoutTakeoverBothSidesForgetEveryMessage(_ offer: String, _ answer: String) {
        let agreement = CompressionAgreement.choose([offer], setting())
        #expect(agreement?.answer == answer)
        #expect(agreement?.keepsSent == false && agreement?.keepsReceived == false)
        #expect(agreement?.receivedWindowBits == 15)
    }

    @Test(arguments: [
        "", "permessage-bzip2", "permessage-deflate; unknown", "permessage-deflate; unknown=1",
        "permessage-deflate; server_no_context_takeover=1", "permessage-deflate; client_no_context_takeover=true",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; server_max_window_bits", "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=16", "permessage-deflate; server_max_window_bits=08",
        "permessage-deflate; server_max_window_bits=+9", "permessage-deflate; server_max_window_bits=1000000000000000000000",
        "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9",
        "permessage-deflate; client_max_window_bits=7", "permessage-deflate; client_max_window_bits=x",
        "permessage-deflate; client_max_window_bits; client_max_window_bits=9", "permessage-deflate server_no_context_takeover",
        "permessage-deflate=1", "permessage-deflate; server_max_window_bits=\"10",
    ])
    func unusableOffersAreDeclined(_ offer: String) {
        #expect(CompressionAgreement.choose([offer], setting()) == nil)
        #expect(CompressionAgreement.choose([offer], setting(takeover: true)) == nil)
    }

    @Test(arguments: [
        // Offer, window of the endpoint, answer, kept when sending, when receiving, window of sending, of receiving.
        ("permessage-deflate", 15, "permessage-deflate", true, true, 15, 15),
        ("permessage-deflate", 11, "permessage-deflate", true, true, 11, 15),
        ("permessage-deflate; client_max_window_bits", 15, "permessage-deflate", true, true, 15, 15),
        ("permessage-deflate; client_max_window_bits", 11, "permessage-deflate; client_max_window_bits=11", true, true, 11, 11),
        ("permessage-deflate; client_max_window_bits=10", 15, "permessage-deflate; client_max_window_bits=10", true, true, 15, 10),
        ("permessage-deflate; client_max_window_bits=8", 15, "permessage-deflate; client_max_window_bits=8", true, true, 15, 9),
        ("permessage-deflate; server_max_window_bits=10", 12, "permessage-deflate; server_max_window_bits=10", true, true, 10, 15),
        ("permessage-deflate; server_max_window_bits=14", 12, "permessage-deflate; server_max_window_bits=14", true, true, 12, 15),
        ("permessage-deflate; server_max_window_bits=8", 12, "permessage-deflate; server_max_window_bits=8", true, true, 9, 15),
        ("permessage-deflate; server_no_context_takeover", 12, "permessage-deflate; server_no_context_takeover", false, true, 12, 15),
        (
            "permessage-deflate; client_no_context_takeover; client_max_window_bits", 12,
            "permessage-deflate; client_no_context_takeover", true, false, 12, 15
        ),
    ])
    func withTakeoverTheClientSaysWhatIsKept(
        _ offer: String, _ bits: Int, _ answer: String, _ sent: Bool, _ received: Bool, _ sentBits: Int, _ receivedBits: Int
    ) throws {
        let agreement = try #require(CompressionAgreement.choose([offer], setting(takeover: true, windowBits: bits)))
        #expect(agreement.answer == answer)
        #expect(agreement.keepsSent == sent && agreement.keepsReceived == received)
        #expect(agreement.form.windowBits == sentBits && agreement.receivedWindowBits == receivedBits)
    }

    @Test func severalFieldsAreOneList() {
        let agreement = CompressionAgreement.choose(
            ["permessage-bzip2", "permessage-deflate; bad, x", "permessage-deflate; server_max_window_bits=13"], setting())
        #expect(agreement?.answer == plain + "; server_max_window_bits=13")
    }

    @Test func settingsOutsideTheirRangesCountAsTheNearestInside() {
        var low = Compression(), high = Compression()
        (low.windowBits, low.memoryLevel, low.level, low.threshold) = (0, -1, 0, -5)
        (high.windowBits, high.memoryLevel, high.level) = (99, 99, 99)
        #expect(low.form == DeflateForm(windowBits: 9, memoryLevel: 1, level: 1))
        #expect(high.form == DeflateForm(windowBits: 15, memoryLevel: 9, level: 9))
        #expect(CompressionAgreement(CompressionOffer(), low).threshold == 0)
    }

    /// Whatever is offered, an answer says nothing the offer did not allow.
    @Test(arguments: 1...8)
    func answersToAnythingKeepToTheOffer(_ seed: UInt64) throws {
        var random = Seeded(seed)
        let words = [
            "permessage-deflate", "server_no_context_takeover", "client_no_context_takeover", "server_max_window_bits",
            "client_max_window_bits", "server_max_window_bits=10", "client_max_window_bits=12", "=", ";", ";", ";", ",", " ", "\t",
            "8", "15", "16", "\"", "\"9\"", "\\", "x",
        ]
        var agreed = 0
        for _ in 0..<4_000 {
            var field = Bool.random(using: &random) ? "permessage-deflate" : ""
            for _ in 0..<Int.random(in: 0...9, using: &random) {
                if Bool.random(using: &random) { field += "; " }
                field += words.randomElement(using: &random)!
            }
            if Int.random(in: 0..<8, using: &random) == 0 {
                field = String(decoding: random.bytes(Int.random(in: 0...40, using: &random)), as: UTF8.self)
            }
            let wanted = setting(takeover: Bool.random(using: &random), windowBits: Int.random(in: 9...15, using: &random))
            guard let agreement = CompressionAgreement.choose([field], wanted) else { continue }
            agreed += 1
            let offer = try #require(ExtensionElement.list(field).lazy.compactMap { CompressionOffer($0) }.first)
            let answer = try #require(ExtensionElement.list(agreement.answer).first.flatMap { CompressionOffer($0) })
            #expect(answer.serverWindowBits == offer.serverWindowBits)
            #expect(answer.serverNoContextTakeover == !agreement.keepsSent)
            #expect(answer.clientNoContextTakeover == !agreement.keepsReceived)
            if offer.serverNoContextTakeover { #expect(!agreement.keepsSent) }
            if case .atMost(let bits) = answer.clientWindow {
                #expect(offer.clientWindow != .notOffered && bits <= agreement.receivedWindowBits)
                if case .atMost(let most) = offer.clientWindow { #expect(bits <= most) }
            }
            #expect(agreement.form.windowBits <= max(9, offer.serverWindowBits ?? 15))
        }
        #expect(agreed > 200)
    }
}
