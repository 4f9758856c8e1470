import Bytes
import Crypto
import CryptoExtras
import Foundation
import NightjarTesting
import Testing

@testable import Auth

@Suite("Tokens verified with public keys")
struct PublicKeyTests {
    // Keys and tokens made with OpenSSL: what verifies them here has not signed them.
    static let rsaPEM = """
        -----BEGIN PUBLIC KEY-----
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA5RXLTEQgYTW5p/PdYsRF
        HN1nCHjqGzSCMj8aEI4tmu6qkrMdrBnDlwyUMQou4rJm2KoJOC2c9loi+rTwPwYK
        Dl+weJ4Pr3+ub++Fm4B4ve7kWvys8G5Kqacu0Tjy35MOtw9/wwbG/g/x1oiGhl0/
        ytkCIfkgCcauKsrAJaxx1TrSUA+0x+2wAodHvacuiJm7ckme/k+GPCUbCnC6hlUU
        mwGRsJLDCG2d9NoO5IBS1i56SAqklv3O4CEiNlmk4Tz7egrjqdhKEvtvhXrBsMlW
        AWXKLaJMOjeIFVa6UX77MWMAMcrNVSg8NfxJOPNiQ/rlRs7x6MqlkPL+aN1gG8l7
        KwIDAQAB
        -----END PUBLIC KEY-----
        """
    static let p256PEM = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEpJJEuHnQgK9ii0sqPM3ShGkLW4tN
        yrDGcLq2GpMv5iVq14g6ZXdAx9XF7RGZg46Y3XhpVbmnnRRi2C2tUjHi1g==
        -----END PUBLIC KEY-----
        """
    private static let shortPEM = """
        -----BEGIN PUBLIC KEY-----
        MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCyMn5LzWYxnIiMh+gb/foUzMtX
        A7PpkzrCbcVKts7pSV63L8AzNvYZf8MtnUSGy85Zg0rES5PZHCgmdrBb7NUxby7J
        heaRtBUkxCnGSFsMWaM9eo+z88cXpsaXVEHUHYrTb1kjtUY4ddFw9bPD/QDNt9lp
        MSCf0D8RdXs7WuqCWQIDAQAB
        -----END PUBLIC KEY-----
        """
    private static let p384PEM = """
        -----BEGIN PUBLIC KEY-----
        MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEmEHLeG4YW80is6Ih4QCRcXVnI/XLiEDp
        2dSO5EL8hazWjGryrWlRUTGUsuw1xxFjnoix9nQd2vHTc+ka/URYtWmcKpAnpuhj
        6cifi3mKj5vBTHr4jPaXR71Aa7KFRHVl
        -----END PUBLIC KEY-----
        """
    static let rs256 = """
        eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0.eyJzdWIiOiI0NzExIiwibmFtZSI6IkFubiIsImV4cCI6MTgwMDAwMDAwMH0.Mpr8jMdY3NyjID8tILnVGtfVo_mF_z3U0LvR_2iL8jpWPI3ZtU0qcTOxHtliTc4jPIj_g_ZIJwZ8tAc6QIRwj38j7e6MHeh5qdOnSR2L9xx9hWSwJCvS_lAxkGCubDjxyBMtklCy9mzmgj3bknW_312rv2WEOkiGriCZSn0PabTvZy8DFo54rbqMuGeR2tfqh0AswsmzGYON5sfxsKj_g2qFVum7sFbhTNyCGjCWMbXdcfBKnV5SKc8sii2RoLUsAPmzPAd0wufqVAsydnM90s9WCBgR3T3fbGxDYo0qTScsfx-DYEni_zFrN62DNaK2rr670jOGkZZUl4lH215Dbw
        """
    static let es256 = """
        eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0.eyJzdWIiOiI0NzExIiwibmFtZSI6IkFubiIsImV4cCI6MTgwMDAwMDAwMH0.6H63wLKIJg_d-djoQWBIeWxP5VMl2fj2ohmUiGBRb5o0ljU7TcFehwg5jZuHVcjdVHN5jdKb5ob6PVY28-GmJg
        """
    private static let claims = #"{"sub":"4711","name":"Ann","exp":1800000000}"#
    private let now: Int64 = 1_700_000_000_000

    private func keys(_ pem: String...) throws -> JWTPublicKeys { try JWTPublicKeys(pem: pem.joined(separator: "\n").utf8) }

    /// The claims of a token, or why it is refused.
    private func read(_ token: String, _ key: some JWTVerificationKey, _ algorithms: Set<JWTAlgorithm> = Set(JWTAlgorithm.withPublicKey)) -> String {
        do throws(JWTError) {
            return String(decoding: try JWTVerifier(algorithms: algorithms).claims(of: token.utf8, key: key, now: now), as: UTF8.self)
        } catch { return error.code.rawValue }
    }

    @Test("what another program has signed is believed, with the key of its signer alone")
    func believesOthers() throws {
        #expect(read(Self.rs256, try keys(Self.rsaPEM)) == Self.claims)
        #expect(read(Self.es256, try keys(Self.p256PEM)) == Self.claims)
        #expect(read(Self.rs256, try keys(Self.p256PEM)) == "signature")
        #expect(read(Self.es256, try keys(Self.rsaPEM)) == "signature")
    }

    @Test("a new key is believed beside the old one, with words between them")
    func takesSeveralKeys() throws {
        let fresh = try _RSA.Signing.PrivateKey(keySize: .bits2048).publicKey.pemRepresentation
        let all = try keys("the new one:", fresh, "the old one:", Self.rsaPEM, P256.Signing.PrivateKey().publicKey.pemRepresentation, Self.p256PEM)
        #expect(read(Self.rs256, all) == Self.claims)
        #expect(read(Self.es256, all) == Self.claims)
        #expect(read(Self.rs256, try keys(fresh)) == "signature")
    }

    @Test("only the algorithms that are asked for are taken")
    func keepsToItsAlgorithms() throws {
        let all = try keys(Self.rsaPEM, Self.p256PEM)
        #expect(read(Self.rs256, all, [.es256]) == "algorithm")
        #expect(read(Self.es256, all, [.rs256]) == "algorithm")
        #expect(read(Self.rs256, all, Set(JWTAlgorithm.shared)) == "algorithm")
    }

    /// The classic: the public key, which everybody may have, taken as the secret of HS256.
    @Test("a public key is no shared secret, and a shared secret no public key")
    func isNoSharedSecret() throws {
        let secret = try JWTKey(secret: Array(Self.rsaPEM.utf8), .text)
        let forged = try JWTSigner(.hs256).token(claims: Array(Self.claims.utf8), key: secret)
        #expect(read(forged, try keys(Self.rsaPEM)) == "algorithm")
        #expect(read(forged, try keys(Self.rsaPEM), Set(JWTAlgorithm.allCases)) == "algorithm")
        #expect(read(Self.rs256, secret, Set(JWTAlgorithm.allCases)) == "algorithm")
        #expect(throws: JWTError.self) { try JWTSigner(.rs256).token(claims: Array("{}".utf8), key: secret) }
    }

    @Test("no token is right with a byte of it changed", arguments: [rs256, es256])
    func refusesTampered(_ token: String) throws {
        let all = try keys(Self.rsaPEM, Self.p256PEM)
        var taken: [Int] = []
        for index in token.utf8.indices {
            var bytes = Array(token.utf8)
            let offset = token.utf8.distance(from: token.utf8.startIndex, to: index)
            bytes[offset] = bytes[offset] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            if read(String(decoding: bytes, as: UTF8.self), all) == Self.claims { taken.append(offset) }
        }
        #expect(taken.isEmpty)
        let parts = token.split(separator: ".")
        for bad in ["\(parts[0]).\(parts[1]).", "\(parts[0]).\(parts[1]).AAAA", token + "AAAA"] { #expect(read(bad, all) == "signature", "\(bad.suffix(8))") }
    }

    @Test("a signature of ES256 in the form that OpenSSL prints is not one")
    func takesRawSignaturesOnly() throws {
        let key = P256.Signing.PrivateKey()
        let parts = Self.es256.split(separator: ".")
        let text = "\(parts[0]).\(parts[1])"
        let signature = try key.signature(for: Data(text.utf8))
        func token(_ bytes: Data) -> String { text + "." + String(decoding: Base64.encode(Array(bytes), url: true), as: UTF8.self) }
        let public_ = try keys(key.publicKey.pemRepresentation)
        #expect(read(token(signature.rawRepresentation), public_) == Self.claims)
        #expect(read(token(signature.derRepresentation), public_) == "signature")
        #expect(read(token(Data(count: 64)), public_) == "signature")
    }

    @Test("what is no key that could be used is refused with the reason", arguments: [
        ("", "not 0"), ("-----BEGIN PUBLIC KEY-----", "not 0"), (shortPEM, "2048"), (p384PEM, "neither"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "neither"), (rsaPEM + "\n" + shortPEM, "2048"),
        (String(repeating: p256PEM + "\n", count: 9), "not 9"), (String(repeating: "x", count: 32 << 10) + "x", "32768 bytes"),
        (rsaPEM.replacingOccurrences(of: "PUBLIC", with: "RSA PRIVATE"), "not 0"),
    ])
    func refusesKeys(_ pem: String, _ word: String) {
        do throws(JWTError) {
            _ = try JWTPublicKeys(pem: pem.utf8)
            Issue.record("taken")
        } catch { #expect(error.code == .noSecret && error.detail.contains(word), "\(error)") }
    }
}
