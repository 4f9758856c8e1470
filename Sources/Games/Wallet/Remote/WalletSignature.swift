import Bytes
import Crypto

/// The header by which a wallet knows that a call is of this server and was made now:
///
///     Nightjar-Signature: t=1732985433123,v1=<hex of HMAC-SHA-256(secret, "1732985433123.debit." + body)>
///
/// Any thread.
package enum WalletSignature {
    package static let header = "nightjar-signature"

    /// The header's value.
    ///
    /// - Parameter now: Milliseconds since 1970.
    package static func value(of call: WalletCall, secret: [UInt8], now: Int64) -> String {
        var signed: [UInt8] = []
        signed.reserveCapacity(32 + call.body.count)
        signed.append(decimal: now)
        signed.append(text: ".")
        signed.append(contentsOf: call.name.rawValue.utf8)
        signed.append(text: ".")
        signed.append(contentsOf: call.body)
        var text: [UInt8] = []
        text.append(text: "t=")
        text.append(decimal: now)
        text.append(text: ",v1=")
        HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: secret)).withUnsafeBytes { text.append(hex: $0) }
        return String(decoding: text, as: UTF8.self)
    }
}
