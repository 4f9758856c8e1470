/// To which names of the server a listener answers (the `Host` of a request, RFC 9110, section 7.2).
///
/// A page of any site can let its own name lead to 127.0.0.1 (DNS rebinding). To the browser it then talks to its own server,
/// and only the name that the browser sends tells that it does not.
public struct HostPolicy: Sendable, Equatable {
    /// Lower case, beside the names of the loopback; nil: every name.
    private let names: Set<String>?

    /// Every name: for a listener that is meant to be found by names that nobody told it.
    public static let any = HostPolicy(names: nil)

    private init(names: Set<String>?) { self.names = names }

    /// `localhost`, 127.x.x.x, `[::1]`, and `names`.
    public static func loopback(and names: [String] = []) -> HostPolicy { HostPolicy(names: Set(names.map { $0.lowercased() })) }

    /// What fits an address: one on the loopback answers to its names and to `names`, another one to every name unless there
    /// are `names`; whoever connects to a socket file is no browser.
    public init(_ address: ListenerConfiguration.Address, names: [String]) {
        switch address {
        case .unix: self = .any
        case .tcp(let host, _): self = names.isEmpty && !Self.isLoopback(host.lowercased()) ? .any : .loopback(and: names)
        }
    }

    /// Whether a request for this host, with or without a port, is answered.
    func allows(_ host: String) -> Bool {
        guard let names else { return true }
        let name = Self.name(host)
        return Self.isLoopback(name) || names.contains(name)
    }

    /// Whether it names this machine to itself: `localhost`, 127.x.x.x, `::1`, with or without brackets.
    public static func isLoopback(_ name: String) -> Bool {
        if name == "localhost" || name == "::1" || name == "[::1]" { return true }
        guard name.hasPrefix("127.") else { return false }
        let parts = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { $0.count <= 3 && UInt8(Substring($0)) != nil }
    }

    /// Whether it can be the value of a `Host` at all: neither blanks nor what separates it from other parts of an address.
    public static func isWellFormed(_ host: String) -> Bool { isWellFormed(host.utf8) }

    static func isWellFormed(_ host: some Sequence<UInt8>) -> Bool {
        for byte in host {
            switch byte {
            case 0...0x20, 0x7F, UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "@"), UInt8(ascii: "\\"), UInt8(ascii: ","):
                return false
            default: continue
            }
        }
        return true
    }

    /// Without the port and the dot of a full name, in lower case.
    private static func name(_ host: String) -> String {
        var name = Substring(host.lowercased())
        if name.hasPrefix("[") {
            if let end = name.firstIndex(of: "]") { name = name[...end] }
        } else if let colon = name.lastIndex(of: ":") {
            name = name[..<colon]
        }
        return String(name.hasSuffix(".") ? name.dropLast() : name)
    }
}
