/// Close codes (RFC 6455, section 7.4, and the IANA registry).
enum CloseCode {
    static let normal: UInt16 = 1000
    static let goingAway: UInt16 = 1001
    static let protocolError: UInt16 = 1002
    /// Not sent: the peer gave no code.
    static let none: UInt16 = 1005
    /// Not sent: the connection was lost.
    static let lost: UInt16 = 1006
    static let invalidText: UInt16 = 1007
    static let tooBig: UInt16 = 1009
    static let internalError: UInt16 = 1011
    static let tryAgainLater: UInt16 = 1013

    /// Bytes of a close reason: a control frame has at most 125, two of them are the code.
    static let reasonBytesMax = 123

    /// Whether the code may be in a close frame.
    static func isSendable(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }

    /// The longest start of `reason` that fits and does not split a character.
    static func fitted(_ reason: String) -> Substring {
        if reason.utf8.count <= reasonBytesMax { return Substring(reason) }
        var end = reason.startIndex
        var bytes = 0
        for scalar in reason.unicodeScalars {
            bytes += UTF8.width(scalar)
            if bytes > reasonBytesMax { break }
            end = reason.unicodeScalars.index(after: end)
        }
        return reason[..<end]
    }
}
