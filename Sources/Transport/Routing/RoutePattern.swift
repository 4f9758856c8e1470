import NIOHTTP1

/// A route's pattern, taken apart.
struct RoutePattern {
    enum Segment: Equatable {
        case literal(String)
        case parameter(String)
        case rest
    }

    let segments: [Segment]

    init(_ pattern: String) throws(MalformedPattern) {
        func malformed(_ reason: String) -> MalformedPattern { MalformedPattern(pattern: pattern, reason: reason) }
        guard pattern.utf8.first == UInt8(ascii: "/") else { throw malformed("a path begins with /") }
        guard !pattern.contains("?"), !pattern.contains("#") else { throw malformed("a path has neither ? nor #") }
        var segments: [Segment] = []
        var names: Set<String> = []
        let parts = pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= RouteTable.segmentsMax else { throw malformed("a path has at most \(RouteTable.segmentsMax) parts") }
        for (index, part) in parts.enumerated() {
            if part == "*" {
                guard index == parts.count - 1 else { throw malformed("* stands at the end only") }
                segments.append(.rest)
            } else if part.hasPrefix(":") {
                let name = String(part.dropFirst())
                guard !name.isEmpty, name != "*" else { throw malformed("a parameter is written like :name") }
                guard names.insert(name).inserted else { throw malformed("the parameter :\(name) is there twice") }
                segments.append(.parameter(name))
            } else {
                guard !part.contains("*") else { throw malformed("* stands alone between slashes, at the end") }
                segments.append(.literal(String(part)))
            }
        }
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

/// A pattern that contradicts itself.
public struct MalformedPattern: Error, Equatable, CustomStringConvertible {
    public var pattern: String
    /// For people.
    public var reason: String

    public var description: String { "the path \"\(pattern)\" is malformed: \(reason)" }
}

extension Route {
    /// What is claimed by this route.
    public var claim: RouteClaim { RouteClaim(method: methodName, pattern: pattern) }

    /// `GET` …, or `websocket`.
    public var methodName: String {
        switch target {
        case .http(let method, _): method.rawValue
        case .webSocket: RouteClaim.webSocket
        }
    }
}
