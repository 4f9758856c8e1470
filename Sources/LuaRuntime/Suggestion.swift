/// Finds what somebody meant who misspelt a name. For messages only; nothing is ever corrected by itself.
public enum Suggestion {
    /// Longer names are compared with nothing: they are no slip of the finger.
    private static let bytesMax = 64

    /// The known name that is so near that it was probably meant; nil if none is. Of equally near ones the first.
    ///
    /// Near is: one slip (a letter too many, too few, another, or two exchanged) in a name of up to five letters, two up to
    /// nine, three beyond that. Case, `_` and `-` do not count, so that `maxBody` finds `max_body`. Any thread.
    public static func nearest(_ name: String, among known: some Sequence<String>) -> String? {
        guard !name.isEmpty, name.utf8.count <= bytesMax else { return nil }
        let wanted = bare(name)
        var most = wanted.count < 6 ? 1 : wanted.count < 10 ? 2 : 3
        var best: String?
        for candidate in known where candidate != name && candidate.utf8.count <= bytesMax {
            let letters = bare(candidate)
            // A name that would have to be written anew altogether is not near.
            guard abs(letters.count - wanted.count) <= most, most < max(letters.count, wanted.count) else { continue }
            let slips = distance(wanted, letters)
            guard slips < most || slips == most && best == nil else { continue }
            (most, best) = (slips, candidate)
            if slips == 0 { break }
        }
        return best
    }

    /// The end of a message about an unknown name: the one that was meant, or all that there are.
    public static func hint(_ name: String, among known: [String]) -> String {
        if let meant = nearest(name, among: known) { return "; did you mean '\(meant)'?" }
        return known.isEmpty ? "" : " (known: \(known.joined(separator: ", ")))"
    }

    private static func bare(_ name: String) -> [UInt8] {
        name.utf8.compactMap { byte in
            switch byte {
            case UInt8(ascii: "_"), UInt8(ascii: "-"): nil
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
            default: byte
            }
        }
    }

    /// Number of slips between two names: Levenshtein's distance, two exchanged neighbours counting once.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
        var before = [Int](repeating: 0, count: b.count + 1)
        var last = Array(0...b.count)
        for i in 1...a.count {
            var row = [Int](repeating: i, count: b.count + 1)
            for j in 1...b.count {
                let same = a[i - 1] == b[j - 1]
                row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { row[j] = min(row[j], before[j - 2] + 1) }
            }
            (before, last) = (last, row)
        }
        return last[b.count]
    }
}
