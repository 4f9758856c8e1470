/// What client and server agreed on for one connection (RFC 7692, section 7.1), as this side of it needs to know.
struct CompressionAgreement: Equatable, Sendable {
    /// How this side compresses.
    let form: DeflateForm
    /// This side's messages may refer back to earlier ones.
    let keepsSent: Bool
    /// The other side's messages may refer back to earlier ones.
    let keepsReceived: Bool
    /// Window needed to inflate what the other side sends, 9…15.
    let receivedWindowBits: Int
    /// Messages of fewer bytes are sent as they are.
    let threshold: Int
    /// Value of `Sec-WebSocket-Extensions` in a server's answer; empty on the client's side.
    let answer: String

    /// The client's first usable offer, in its order of preference, as the endpoint wants it; nil: no compression.
    /// - Parameter fields: Values of the request's `Sec-WebSocket-Extensions` fields.
    static func choose(_ fields: [String], _ setting: Compression) -> CompressionAgreement? {
        for field in fields {
            for element in ExtensionElement.list(field) {
                if let offer = CompressionOffer(element) { return CompressionAgreement(offer, setting) }
            }
        }
        return nil
    }

    /// On the server's side. Every valid offer can be met.
    init(_ offer: CompressionOffer, _ setting: Compression) {
        keepsSent = setting.contextTakeover && !offer.serverNoContextTakeover
        keepsReceived = setting.contextTakeover && !offer.clientNoContextTakeover
        threshold = max(0, setting.threshold)

        var answer = CompressionOffer.extensionName
        if !keepsSent { answer += "; server_no_context_takeover" }
        if !keepsReceived { answer += "; client_no_context_takeover" }

        // A window of 256 bytes is met with zlib's 512: zlib keeps 262 bytes of its window for looking ahead and so never
        // refers back further than 512 − 262 = 250 bytes. It refuses 8 for raw data only because it works that way.
        var form = setting.form
        if let bits = offer.serverWindowBits {
            form.windowBits = max(min(form.windowBits, bits), Compression.windowBitsRange.lowerBound)
            answer += "; server_max_window_bits=\(bits)"
        }
        self.form = form

        // Only a window that is kept between messages is worth asking to be smaller.
        var received = Compression.windowBitsRange.upperBound
        if keepsReceived {
            switch offer.clientWindow {
            case .notOffered: break
            case .offered: received = setting.form.windowBits
            case .atMost(let bits): received = min(bits, setting.form.windowBits)
            }
            if received < Compression.windowBitsRange.upperBound { answer += "; client_max_window_bits=\(received)" }
        }
        receivedWindowBits = max(received, Compression.windowBitsRange.lowerBound)
        self.answer = answer
    }
    /// On the client's side, see `CompressionRequest`.
    /// - Parameter accepted: What the server said, in the words of an offer.
    init(accepted: CompressionOffer, _ setting: Compression) {
        keepsSent = setting.contextTakeover && !accepted.clientNoContextTakeover
        keepsReceived = !accepted.serverNoContextTakeover
        threshold = max(0, setting.threshold)
        var form = setting.form
        // For 256 bytes the same holds as above.
        if case .atMost(let bits) = accepted.clientWindow {
            form.windowBits = max(min(form.windowBits, bits), Compression.windowBitsRange.lowerBound)
        }
        self.form = form
        let range = Compression.windowBitsRange
        receivedWindowBits = max(accepted.serverWindowBits ?? range.upperBound, range.lowerBound)
        answer = ""
    }
}
