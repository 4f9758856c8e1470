import Foundation
import LuaRuntime
import Transport

extension Settings {
    /// Where one of the further listeners listens.
    struct Listener: Sendable, Equatable {
        var host: String
        /// 0…65535; 0 lets the system choose.
        var port: Int
    }

    /// Listeners of the shipped packages and of the server itself (`ops`), with the port they have unless another is given. They
    /// are off until they are named in `listeners`; their packages are loaded either way.
    static let knownListeners = ["sync": 5001, "gateway": 5010, "ops": 5020, "ps2": 5030, "backoffice": 5040, "argus": 3000]

    /// Listeners that may be reached from other machines only if their package has a token to ask for.
    private static let tokenListeners = [
        "gateway": (secret: "token", danger: "pose as a service and stop the others"),
        "backoffice": (secret: "token", danger: "read the books and block players"),
        "ps2": (secret: "token", danger: "see what the triggers do and run their conditions"),
    ]

    /// Adds what `--listen` and `NIGHTJAR_LISTEN` say: `NAME`, `NAME=PORT`, `NAME=HOST` or `NAME=HOST:PORT`.
    mutating func addListener(_ text: String) throws {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts[0].trimmingCharacters(in: .whitespaces)
        try Self.checkListenerName(name, of: text)
        var listener = defaultListener(name)
        if parts.count == 2 { listener = try Self.address(parts[1].trimmingCharacters(in: .whitespaces), of: text, or: listener) }
        listeners[name] = try Self.complete(listener, name, of: text)
    }

    /// Adds a member of `listeners` in the file, `{"host": …, "port": …}`, both of which may be left out.
    mutating func addListener(_ name: String, _ value: Any, path: String) throws {
        try Self.checkListenerName(name, of: "\(path): listeners")
        guard let object = value as? [String: Any], Set(object.keys).isSubset(of: ["host", "port"]) else {
            throw SettingsError(
                code: "config_wrong_kind",
                description: "\(path): the listener \"\(name)\" must be an object like {\"host\": \"127.0.0.1\", \"port\": 5001}.")
        }
        var listener = defaultListener(name)
        if let host = object["host"] {
            guard let host = host as? String, !host.isEmpty else {
                throw SettingsError(code: "config_wrong_kind", description: "\(path): the host of the listener \"\(name)\" must be a string.")
            }
            listener.host = host
        }
        if let port = object["port"] {
            guard let port = port as? Int, (0...65535).contains(port) else {
                throw SettingsError(code: "config_range", description: "\(path): the port of the listener \"\(name)\" must be a number from 0 to 65535.")
            }
            listener.port = port
        }
        listeners[name] = try Self.complete(listener, name, of: "\(path): listeners")
    }

    /// What a listener has where nothing else is said. `PORT`, `GATEWAY_BIND` and `ARGUS_PORT` are the names that the operators of
    /// the party relay, of the gateway and of the overlay know.
    private func defaultListener(_ name: String) -> Listener {
        listenerDefaults[name] ?? Listener(host: "127.0.0.1", port: Self.knownListeners[name] ?? Self.noPort)
    }

    private static let noPort = -1

    /// A slip in a name that is known would otherwise open a port that nobody asked for.
    private static func complete(_ listener: Listener, _ name: String, of text: String) throws -> Listener {
        guard listener.port == noPort else { return listener }
        let known = knownListeners.keys.sorted()
        throw SettingsError(
            code: "config_listener",
            description: """
                \(text): the listener "\(name)" needs a port, like \(name)=127.0.0.1:9000; only \(known.joined(separator: ", ")) have one of \
                their own\(Suggestion.nearest(name, among: known).map { "; did you mean \($0)?" } ?? ".")
                """)
    }

    /// Reads `PORT`, `ARGUS_PORT` and `GATEWAY_BIND`.
    mutating func readListenerDefaults(_ environment: [String: String]) throws {
        for (variable, name) in [("PORT", "sync"), ("ARGUS_PORT", "argus")] {
            guard let text = environment[variable], !text.isEmpty else { continue }
            guard let port = Int(text), (0...65535).contains(port) else {
                throw SettingsError(code: "config_range", description: "environment \(variable): \"\(text)\" is not a port (0…65535).")
            }
            listenerDefaults[name] = Listener(host: "127.0.0.1", port: port)
        }
        if let text = environment["GATEWAY_BIND"], !text.isEmpty {
            listenerDefaults["gateway"] = try Self.address(text, of: "environment GATEWAY_BIND: \(text)", or: defaultListener("gateway"))
        }
    }

    private static func checkListenerName(_ name: String, of text: String) throws {
        guard !name.isEmpty, name != "main", name != "control", name.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 95 || $0 == 45 }) else {
            throw SettingsError(
                code: "config_listener",
                description: "\(text): \"\(name)\" cannot be the name of a further listener. Write small letters, like sync=127.0.0.1:5001; the main one has --host and --port.")
        }
    }

    /// `PORT`, `HOST`, `HOST:PORT`, `[IPV6]:PORT`.
    private static func address(_ text: String, of whole: String, or base: Listener) throws -> Listener {
        var result = base
        func port(_ digits: Substring) throws -> Int {
            guard let port = Int(digits), (0...65535).contains(port) else {
                throw SettingsError(code: "config_listener", description: "\(whole): \"\(digits)\" is not a port (0…65535).")
            }
            return port
        }
        if !text.isEmpty, text.allSatisfy(\.isNumber) {
            result.port = try port(text[...])
            return result
        }
        var host = text[...]
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            if rest.hasPrefix(":") { result.port = try port(rest.dropFirst()) }
        } else if text.count(where: { $0 == ":" }) == 1, let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            result.port = try port(text[text.index(after: colon)...])
        }
        guard !host.isEmpty else {
            throw SettingsError(code: "config_listener", description: "\(whole): the address is missing. Write it like 127.0.0.1:5001.")
        }
        result.host = String(host)
        return result
    }

    /// Refuses to show a listener to other machines that must not be seen without a token.
    func checkExposure() throws {
        for (name, (secret, danger)) in Self.tokenListeners.sorted(by: { $0.key < $1.key }) {
            let listener = name == mainListener ? Listener(host: host, port: httpPort) : listeners[name]
            guard let listener, !HostPolicy.isLoopback(listener.host), packageSecrets[name]?[secret] == nil else { continue }
            throw SettingsError(
                code: "exposed_without_token",
                description: """
                    the listener "\(name)" would be reachable from other machines at \(listener.host):\(listener.port) without a token: anybody there \
                    could \(danger). Set \(name.uppercased())_TOKEN, or let it listen on 127.0.0.1.
                    """)
        }
    }

    /// What is better not shown to other machines, but may be.
    var exposureWarnings: [String] {
        var warnings: [String] = []
        let shown = ([("main", host)] + listeners.sorted { $0.key < $1.key }.map { ($0.key, $0.value.host) }).filter { !HostPolicy.isLoopback($0.1) }
        if debug, let (name, host) = shown.first {
            warnings.append(
                "development mode is on and the listener \"\(name)\" is reachable from other machines at \(host): errors of scripts are shown "
                    + "to everybody. Leave out --debug, or listen on 127.0.0.1")
        }
        if let ops = listeners["ops"], !HostPolicy.isLoopback(ops.host) {
            warnings.append(
                "the listener \"ops\" is reachable from other machines at \(ops.host):\(ops.port): its figures are for operators. "
                    + "Let it listen on 127.0.0.1, or keep others away by the network")
        }
        return warnings
    }

    /// Refuses what cannot be the name in a request, like an address with a scheme.
    func checkHosts() throws {
        for name in hosts where name.isEmpty || !HostPolicy.isWellFormed(name) || name.firstMatch(of: /:[0-9]*$/) != nil && !name.contains("::") {
            throw SettingsError(
                code: "config_hosts",
                description: "setting \"hosts\": \"\(name)\" is not a name that requests can be for. Write it without scheme, port and path, like play.example.org.")
        }
    }
}
