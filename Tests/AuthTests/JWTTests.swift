import Bytes
import Crypto
import NightjarTesting
import Testing

@testable import Auth

@Suite("Signed tokens")
struct JWTTests {
    private let secret = Array("0123456789abcdef0123456789abcdef".utf8)
    private let now: Int64 = 1_700_000_000_000
    private var key: JWTKey { get throws { try JWTKey(secret: secret, .text) } }

    private func token(_ claims: String, _ algorithm: JWTAlgorithm = .hs256) throws -> String {
        try JWTSigner(algorithm).token(claims: Array(claims.utf8), key: key)
    }

    /// Why a token is refused; nil: it is taken.
    private func refusal(_ token: some Collection<UInt8>, _ verifier: JWTVerifier = JWTVerifier(algorithms: [.hs256])) throws -> JWTError.Code? {
        do throws(JWTError) {
            _ = try verifier.claims(of: token, key: try JWTKey(secret: secret, .text), now: now)
            return nil
        } catch { return error.code }
    }

    private func base64(_ text: String) -> String { String(decoding: Base64.encode(Array(text.utf8), url: true), as: UTF8.self) }

    /// A token with any head, signed with the right key all the same.
    private func signed(head: String, _ claims: String = #"{"exp":1700000060}"#) throws -> String {
        let text = base64(head) + "." + base64(claims)
        let signature = try key.signature(of: text.utf8, .hs256)
        return text + "." + String(decoding: Base64.encode(signature, url: true), as: UTF8.self)
    }

    @Test("what is signed is found right, with each algorithm", arguments: JWTAlgorithm.shared)
    func takesItsOwn(_ algorithm: JWTAlgorithm) throws {
        let claims = #"{"channel_id":"4711","exp":1700000060}"#
        let verifier = JWTVerifier(algorithms: [algorithm])
        let text = try token(claims, algorithm)
        #expect(try verifier.claims(of: text.utf8, key: key, now: now) == Array(claims.utf8))
        #expect(try refusal(text.utf8, JWTVerifier(algorithms: Set(JWTAlgorithm.allCases).subtracting([algorithm]))) == .algorithm)
    }

    @Test("the example of RFC 7515, appendix A.1, is taken")
    func takesTheExampleOfTheStandard() throws {
        let key = try JWTKey(
            secret: Array("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow".utf8), .base64)
        let text = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
            + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        let verifier = JWTVerifier(algorithms: [.hs256], issuer: "joe")
        #expect(try !verifier.claims(of: text.utf8, key: key, now: 1_300_819_379_000).isEmpty)
        #expect(throws: JWTError(.expired, "the token's time is over")) { try verifier.claims(of: text.utf8, key: key, now: 1_300_819_380_000) }
    }

    @Test("a token is over at the second of its end, and no earlier than its begin", arguments: [
        (#"{"exp":1700000000}"#, 0.0, JWTError.Code.expired), (#"{"exp":1700000000}"#, 1.0, nil), (#"{"exp":1699999990}"#, 9.0, .expired),
        (#"{"exp":1700000000.5}"#, 0.0, nil), (#"{}"#, 0.0, .expired), (#"{"exp":"1800000000"}"#, 0.0, .malformed), (#"{"exp":null}"#, 0.0, .expired),
        (#"{"exp":1e400}"#, 0.0, .malformed), (#"{"exp":-1}"#, 0.0, .expired), (#"{"exp":1800000000,"nbf":1700000001}"#, 0.0, .notYet),
        (#"{"exp":1800000000,"nbf":1700000001}"#, 1.0, nil), (#"[1]"#, 0.0, .malformed), ("{", 0.0, .malformed), ("", 0.0, .malformed),
    ])
    func keepsTimes(_ claims: String, _ leeway: Double, _ code: JWTError.Code?) throws {
        #expect(try refusal(token(claims).utf8, JWTVerifier(algorithms: [.hs256], leewaySeconds: leeway)) == code)
    }

    @Test("a token without an end is taken only where none is required")
    func takesEndlessOnesOnRequest() throws {
        #expect(try refusal(token("{}").utf8, JWTVerifier(algorithms: [.hs256], requiresExpiry: false)) == nil)
    }

    @Test("issuer and audience must be those asked for", arguments: [
        (#"{"exp":1800000000,"iss":"a","aud":"b"}"#, nil), (#"{"exp":1800000000,"iss":"a","aud":["x","b"]}"#, nil),
        (#"{"exp":1800000000,"iss":"A","aud":"b"}"#, JWTError.Code.issuer), (#"{"exp":1800000000,"aud":"b"}"#, .issuer),
        (#"{"exp":1800000000,"iss":"a"}"#, .audience), (#"{"exp":1800000000,"iss":"a","aud":["x"]}"#, .audience), (#"{"exp":1800000000,"iss":"a","aud":7}"#, .malformed),
    ])
    func comparesIssuerAndAudience(_ claims: String, _ code: JWTError.Code?) throws {
        #expect(try refusal(token(claims).utf8, JWTVerifier(algorithms: [.hs256], issuer: "a", audience: "b")) == code)
    }

    @Test("heads that ask for no signature, another algorithm or an extension are refused, rightly signed or not", arguments: [
        (#"{"alg":"none"}"#, JWTError.Code.algorithm), (#"{"alg":"None","typ":"JWT"}"#, .algorithm), (#"{"alg":""}"#, .algorithm),
        (#"{"alg":"hs256"}"#, .algorithm), (#"{"alg":"RS256"}"#, .algorithm), (#"{"alg":"HS384"}"#, .algorithm), (#"{"alg":null}"#, .malformed),
        (#"{"alg":["HS256"]}"#, .malformed), (#"{"typ":"JWT"}"#, .malformed), (#"{"alg":"HS256","crit":["b64"],"b64":false}"#, .malformed),
        ("HS256", .malformed), ("", .malformed), (#"{"alg":"HS256","kid":"../../x","jku":"http://evil.example/"}"#, nil),
    ])
    func refusesHeads(_ head: String, _ code: JWTError.Code?) throws {
        #expect(try refusal(signed(head: head).utf8) == code)
    }

    @Test("a token without its signature is refused")
    func refusesUnsigned() throws {
        let whole = try token(#"{"exp":1800000000}"#)
        let parts = whole.split(separator: ".")
        #expect(try refusal("\(parts[0]).\(parts[1]).".utf8) == .signature)
        #expect(try refusal("\(parts[0]).\(parts[1])".utf8) == .malformed)
        #expect(try refusal((base64(#"{"alg":"none"}"#) + ".\(parts[1]).").utf8) == .algorithm)
        #expect(try refusal("".utf8) == .missing)
        #expect(try refusal((whole + ".").utf8) == .malformed)
        #expect(try refusal((whole + "=").utf8) == .malformed)
        #expect(try refusal(String(repeating: "a", count: AuthLimits.tokenBytes + 1).utf8) == .malformed)
    }

    @Test("no token is right with any of its bytes changed to any other")
    func refusesEachTamperedByte() throws {
        let good = Array(try token(#"{"channel_id":"4711","exp":1800000000}"#).utf8)
        #expect(try refusal(good) == nil)
        let key = try key
        let verifier = JWTVerifier(algorithms: Set(JWTAlgorithm.allCases))
        var taken: [(Int, UInt8)] = []
        for index in good.indices {
            var bad = good
            for byte in UInt8.min...UInt8.max where byte != good[index] {
                bad[index] = byte
                if (try? verifier.claims(of: bad, key: key, now: now)) != nil { taken.append((index, byte)) }
            }
        }
        #expect(taken.isEmpty)
    }

    @Test("nor shortened, lengthened, or with parts exchanged")
    func refusesOtherLengths() throws {
        let good = Array(try token(#"{"exp":1800000000}"#).utf8)
        for length in 0..<good.count { #expect(try refusal(good.prefix(length)) != nil) }
        for byte in UInt8.min...UInt8.max { #expect(try refusal(good + [byte]) != nil) }
        let parts = good.split(separator: UInt8(ascii: "."))
        #expect(try refusal(parts[1] + [0x2E] + parts[0] + [0x2E] + parts[2]) != nil)
    }

    @Test("random bytes and random changes are refused, and nothing traps")
    func refusesNoise() throws {
        var random = Seeded(7)
        let good = Array(try token(#"{"channel_id":"4711","exp":1800000000,"role":"viewer"}"#, .hs512).utf8)
        let verifier = JWTVerifier(algorithms: Set(JWTAlgorithm.allCases))
        let key = try key
        let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.{}\":,\u{00}=+/".utf8)
        for _ in 0..<20_000 {
            var text = Bool.random(using: &random) ? good : (0..<Int.random(in: 0...120, using: &random)).map { _ in alphabet.randomElement(using: &random)! }
            for _ in 0..<Int.random(in: 1...4, using: &random) where !text.isEmpty {
                let place = Int.random(in: 0..<text.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: text[place] = alphabet.randomElement(using: &random)!
                case 1: text.remove(at: place)
                default: text.insert(alphabet.randomElement(using: &random)!, at: place)
                }
            }
            guard text != good else { continue }
            #expect((try? verifier.claims(of: text, key: key, now: now)) == nil)
        }
    }

    @Test("a key of another service is refused, and a weak or broken one is no key")
    func refusesOtherKeys() throws {
        let other = try JWTKey(secret: Array("fedcba9876543210fedcba9876543210".utf8), .text)
        let text = try token(#"{"exp":1800000000}"#)
        #expect(throws: JWTError(.signature, "the signature is not of this key")) {
            try JWTVerifier(algorithms: [.hs256]).claims(of: text.utf8, key: other, now: now)
        }
        #expect(throws: JWTError.self) { try JWTKey(secret: Array("short".utf8), .text) }
        #expect(throws: JWTError.self) { try JWTKey(secret: Array("no base 64 at all, but long enough".utf8), .base64) }
        #expect("\(other)" == "<key>")
        var dumped = ""
        dump(other, to: &dumped)
        #expect(!dumped.contains("fedcba"))
    }

    @Test("errors say nothing of token and key")
    func errorsKeepSecrets() throws {
        let text = try signed(head: #"{"alg":"leak-me"}"#)
        do {
            _ = try JWTVerifier(algorithms: [.hs256]).claims(of: text.utf8, key: key, now: now)
        } catch { #expect(!"\(error)".contains("leak-me") && !"\(error)".contains("01234")) }
    }

    @Test("claims that would make a token nobody takes are refused")
    func refusesLargeClaims() throws {
        let largest = #"{"exp":1800000000,"a":""# + String(repeating: "x", count: AuthLimits.claimsBytes - 26) + #""}"#
        #expect(try refusal(token(largest).utf8) == nil)
        #expect(throws: JWTError.self) { try token(largest + "  ") }
    }
}
