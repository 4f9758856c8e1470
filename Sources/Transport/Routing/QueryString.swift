import Bytes

/// Percent-encoding (RFC 3986, section 2.1) and query strings as HTML forms write them.
public enum QueryString {
    /// Pairs of one query that are looked at; the rest is ignored. Bounds the work of a request.
    public static let itemsMax = 256

    /// The pairs of `query`, decoded, in their order. A part that is not valid percent-encoded UTF-8 stays as it is.
    public static func items(_ query: String?) -> [(name: String, value: String)] {
        guard let query, !query.isEmpty else { return [] }
        var result: [(name: String, value: String)] = []
        for part in query.utf8.split(separator: UInt8(ascii: "&"), maxSplits: itemsMax) where !part.isEmpty {
            if result.count == itemsMax { break }
            let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let value = pair.count > 1 ? decodeOrKeep(pair[1]) : ""
            result.append((decodeOrKeep(pair[0]), value))
        }
        return result
    }

    private static func decodeOrKeep(_ text: Substring.UTF8View) -> String {
        decode(text, plusIsSpace: true) ?? String(decoding: text, as: UTF8.self)
    }

    /// Decodes `%xx`. Nil if an escape is malformed, or the result has a NUL or is not UTF-8.
    static func decode(_ text: some Sequence<UInt8>, plusIsSpace: Bool = false) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.underestimatedCount)
        var iterator = text.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = iterator.next().flatMap(Hex.value), let low = iterator.next().flatMap(Hex.value) else {
                    return nil
                }
                let value = high << 4 | low
                if value == 0 { return nil }
                bytes.append(value)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            case 0: return nil
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
