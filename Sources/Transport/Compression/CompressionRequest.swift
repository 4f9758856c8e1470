/// The client's side of the negotiation of permessage-deflate (RFC 7692, section 7.1): what it offers, and what the server's
/// answer makes of it. A value; performs nothing.
struct CompressionRequest: Sendable {
    private let setting: Compression

    init(_ setting: Compression) { self.setting = setting }

    /// Value of `Sec-WebSocket-Extensions` in the request. As browsers say it: the client lets itself be told a smaller window.
    var offer: String {
        let base = CompressionOffer.extensionName + "; client_max_window_bits"
        return setting.contextTakeover ? base : base + "; server_no_context_takeover; client_no_context_takeover"
    }

    /// Why an answer cannot be taken; the connection must fail (section 7.1).
    struct Refusal: Error, Equatable {
        var reason: String
    }

    /// What was agreed on; nil: no compression.
    /// - Parameter fields: Values of the answer's `Sec-WebSocket-Extensions` fields.
    func agreement(_ fields: [String]) throws(Refusal) -> CompressionAgreement? {
        var accepted: CompressionOffer?
        for field in fields {
            guard let elements = ExtensionElement.wholeList(field) else { throw Refusal(reason: "malformed extensions") }
            for element in elements {
                guard element.name == CompressionOffer.extensionName else { throw Refusal(reason: "an extension that was not offered") }
                guard accepted == nil else { throw Refusal(reason: "compression agreed on twice") }
                // An answer says everything in the words of an offer, but for a window without its size (section 7.1.2.2).
                guard let answer = CompressionOffer(element), answer.clientWindow != .offered else {
                    throw Refusal(reason: "unusable parameters of compression")
                }
                accepted = answer
            }
        }
        return accepted.map { CompressionAgreement(accepted: $0, setting) }
    }
}
