/// One offer of permessage-deflate by a client (RFC 7692, section 7.1).
struct CompressionOffer: Equatable, Sendable {
    static let extensionName = "permessage-deflate"

    /// Whether the client lets itself be told how large a window to compress with.
    enum ClientWindow: Equatable, Sendable {
        case notOffered
        case offered
        /// It will use no more than this, 8…15.
        case atMost(Int)
    }

    /// The client demands that the server forgets each message.
    var serverNoContextTakeover = false
    /// The client says it would forget each message by itself.
    var clientNoContextTakeover = false
    /// The client demands that the server looks back no further, 8…15.
    var serverWindowBits: Int?
    var clientWindow = ClientWindow.notOffered

    init() {}

    /// Nil if it is another extension, or has a parameter that is unknown, given twice, or has an invalid value: such an
    /// offer must be declined (section 7.1).
    init?(_ element: ExtensionElement) {
        guard element.name == Self.extensionName else { return nil }
        var seen = Set<String>()
        for parameter in element.parameters {
            guard seen.insert(parameter.name).inserted else { return nil }
            switch (parameter.name, parameter.value) {
            case ("server_no_context_takeover", nil): serverNoContextTakeover = true
            case ("client_no_context_takeover", nil): clientNoContextTakeover = true
            case ("server_max_window_bits", let value?):
                guard let bits = Self.windowBits(value) else { return nil }
                serverWindowBits = bits
            case ("client_max_window_bits", nil): clientWindow = .offered
            case ("client_max_window_bits", let value?):
                guard let bits = Self.windowBits(value) else { return nil }
                clientWindow = .atMost(bits)
            default: return nil
            }
        }
    }

    /// 8…15 without leading zeros (section 7.1.2.1).
    private static func windowBits(_ text: String) -> Int? {
        switch text {
        case "8": 8
        case "9": 9
        case "10": 10
        case "11": 11
        case "12": 12
        case "13": 13
        case "14": 14
        case "15": 15
        default: nil
        }
    }
}
