/// What may stand in a client's request besides what the handshake itself says.
public enum ClientHeader {
    /// What keeps a header from being sent; nil: nothing does. The value is not repeated: it may be a secret.
    public static func problem(_ name: String, _ value: String) -> String? {
        guard isToken(name.utf8) else { return "a header's name has letters, digits and - only" }
        guard value.utf8.allSatisfy(isFieldByte) else { return "the value of the header '\(name)' has line ends or control characters" }
        return isReserved(name.lowercased()) ? "the header '\(name)' belongs to the handshake" : nil
    }

    /// Whether this can be the name of a subprotocol (RFC 6455, section 4.1).
    public static func isSubprotocol(_ name: String) -> Bool { isToken(name.utf8) }

    private static func isReserved(_ name: String) -> Bool {
        ["host", "upgrade", "connection", "content-length", "transfer-encoding"].contains(name)
            || name.hasPrefix("sec-websocket-")
    }

    /// RFC 9110, section 5.6.2.
    static func isToken(_ bytes: some Collection<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
        }
    }

    /// RFC 9110, section 5.5.
    static func isFieldByte(_ byte: UInt8) -> Bool { byte == 0x09 || (byte >= 0x20 && byte != 0x7F) }
}
