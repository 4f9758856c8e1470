import NIOHTTP1

/// A route's pattern, taken apart.
struct RoutePattern {
    enum Segment: Equatable {
        case literal(String)
        case parameter(String)
        case rest
    }

    let segments: [Segment]

    /// Nil if the pattern is malformed.
    init?(_ pattern: String) {
        guard pattern.utf8.first == UInt8(ascii: "/"), !pattern.contains("?"), !pattern.contains("#") else { return nil }
        var segments: [Segment] = []
        var names: Set<String> = []
        let parts = pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if part == "*" {
                guard index == parts.count - 1 else { return nil }
                segments.append(.rest)
            } else if part.hasPrefix(":") {
                let name = String(part.dropFirst())
                guard !name.isEmpty, name != "*", names.insert(name).inserted else { return nil }
                segments.append(.parameter(name))
            } else {
                guard !part.contains("*") else { return nil }
                segments.append(.literal(String(part)))
            }
        }
        guard segments.count <= RouteTable.segmentsMax else { return nil }
        self.segments = segments
    }

    var isExact: Bool {
        segments.allSatisfy { if case .literal = $0 { true } else { false } }
    }

    var hasRest: Bool { segments.last == .rest }

    var names: [String] {
        segments.compactMap {
            switch $0 {
            case .literal: nil
            case .parameter(let name): name
            case .rest: "*"
            }
        }
    }

    /// The pattern without its parameters' names.
    var shape: String {
        "/" + segments.map {
            switch $0 {
            case .literal(let text): text
            case .parameter: ":"
            case .rest: "*"
            }
        }.joined(separator: "/")
    }
}

extension Route {
    /// `GET` …, or `websocket`.
    var methodName: String {
        switch target {
        case .http(let method, _): method.rawValue
        case .webSocket: "websocket"
        }
    }
}
