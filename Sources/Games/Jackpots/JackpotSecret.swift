import Bytes
import Store

/// Draws the values at which jackpots must be won, and commits to them: the hash is public from the seed on, the text behind it,
/// `<storage units>:<32 random hexadecimal digits>`, when the level is won. So nobody can have moved the value meanwhile, and nobody
/// could guess it.
enum JackpotSecret {
    /// A value above the seed, at most the level's limit, each equally likely.
    static func draw(_ level: JackpotLevel, limit: Int64) -> JackpotThreshold {
        var generator = SystemRandomNumberGenerator()
        let hitAt = Int64.random(in: level.thresholds(upTo: limit), using: &generator)
        var secret = Array("\(hitAt):".utf8)
        let nonce: (UInt64, UInt64) = (generator.next(), generator.next())
        withUnsafeBytes(of: nonce) { secret.append(hex: $0) }
        return JackpotThreshold(hitAt: hitAt, secret: String(decoding: secret, as: UTF8.self))
    }

    /// SHA-256 of the text, 64 hexadecimal digits.
    static func commitment(_ secret: String) -> String {
        var text: [UInt8] = []
        ContentID.digest(Array(secret.utf8)).withUnsafeBytes { text.append(hex: $0) }
        return String(decoding: text, as: UTF8.self)
    }
}
