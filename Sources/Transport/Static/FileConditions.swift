import NIOHTTP1

/// Conditional and range requests for a file (RFC 9110, sections 13 and 14).
enum FileConditions {
    enum Part: Equatable {
        case whole
        case part(Range<Int>)
        case unsatisfiable
    }

    /// The client's copy is still right.
    static func isUnchanged(_ file: FoundFile, _ headers: HTTPHeaders) -> Bool {
        let tags = headers["if-none-match"]
        if !tags.isEmpty {
            return tags.contains { list in
                list.split(separator: ",").contains { part in
                    let tag = part.trimmed
                    return tag == "*" || (tag.hasPrefix("W/") ? tag.dropFirst(2) : tag) == file.tag
                }
            }
        }
        return headers.first(name: "if-modified-since") == HTTPDate.format(seconds: file.modifiedSeconds)
    }

    /// The part that is asked for: one range is served, several are answered with the whole file.
    static func range(_ file: FoundFile, _ headers: HTTPHeaders) -> Part {
        guard let range = headers.first(name: "range") else { return .whole }
        if let condition = headers.first(name: "if-range"),
            condition != file.tag, condition != HTTPDate.format(seconds: file.modifiedSeconds) {
            return .whole
        }
        return parse(range, size: file.size)
    }

    static func parse(_ text: String, size: Int) -> Part {
        guard text.lowercased().hasPrefix("bytes=") else { return .whole }
        let range = text.dropFirst(6)
        let ends = range.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard !range.contains(","), ends.count == 2 else { return .whole }
        let (first, last) = (number(ends[0]), number(ends[1]))
        switch (first, last) {
        case (.some(nil), .some(.some(let suffix))):
            if suffix == 0 || size == 0 { return .unsatisfiable }
            return .part(max(0, size - suffix)..<size)
        case (.some(.some(let first)), .some(nil)):
            return first < size ? .part(first..<size) : .unsatisfiable
        case (.some(.some(let first)), .some(.some(let last))):
            if last < first { return .whole }
            return first < size ? .part(first..<min(size, last + 1)) : .unsatisfiable
        default: return .whole
        }
    }

    /// Nil: malformed; nil inside: empty.
    private static func number(_ text: Substring) -> Int?? {
        let text = text.trimmed
        if text.isEmpty { return .some(nil) }
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        // Larger than any file is as good as the largest.
        return .some(min(Int(text) ?? .max, .max - 1))
    }
}
