import Host
import LuaRuntime

/// `nightjar.config`: the settings of the package from the server's configuration.
struct ConfigAPI: HostModule {
    /// JSON objects by package.
    let settings: [String: [UInt8]]
    /// By package and name; scripts can only compare with them.
    let secrets: [String: [String: Secret]]
    /// Where each setting was written, by package and name.
    var places: [String: [String: SettingPlace]] = [:]

    var functions: [HostFunction] { [Self.get, Self.all, Self.matches, Self.mistake] }

    /// The first mistake that a generation has reported; in its `moduleStorage`.
    private final class Mistake {
        let error: ScriptError
        init(_ error: ScriptError) { self.error = error }
    }

    /// What a generation has asked for while it loaded; in its `moduleStorage`.
    private final class Asked {
        var names: Set<String> = []
        /// It has taken all settings, and looks at them itself (`lib.settings`).
        var isAll = false
    }

    /// A setting that nobody asks for is a slip that would silently do nothing. A name that stands somewhere in the package's
    /// files is given the benefit of the doubt: a handler may ask for it later.
    func loaded(_ generation: Generation, _ main: SourceFile) throws(ScriptError) {
        guard generation.id.kind == .package, let text = settings[generation.id.name] else { return }
        let asked = Self.asked(generation)
        guard !asked.isAll else { return }
        let names = Self.names(text).filter { !asked.names.contains($0) }
        guard !names.isEmpty else { return }
        var sources = generation.files.required.map(\.source)
        if let main = try? generation.files.read(main) { sources.append(main) }
        let texts = sources.map { String(decoding: $0, as: UTF8.self) }
        guard !texts.contains(where: { $0.contains("config.all") }) else { return }
        guard let name = names.sorted().first(where: { name in !texts.contains { $0.contains(name) } }) else { return }
        throw error(name, of: generation.id.name, "the package asks for no such setting" + Suggestion.hint(name, among: asked.names.sorted()))
    }

    /// A mistake is named by the place where the operator has written it, not by the line of the script that noticed.
    func explained(_ error: ScriptError, of generation: Generation) -> ScriptError? {
        // One that the script has caught is not what ended the load.
        guard let mistake = (generation.moduleStorage[ObjectIdentifier(Mistake.self)] as? Mistake)?.error,
            error.message.contains(mistake.description)
        else { return nil }
        return mistake
    }

    private func error(_ name: String, of package: String, _ problem: String) -> ScriptError {
        // Who starts a server by other means than a file has no place to name.
        let place = places[package]?[name] ?? SettingPlace(file: "configuration", path: "packages.\(package).\(name)")
        return ScriptError(kind: .argument, code: "bad_settings", message: "\(place.path): \(problem)", chunk: place.file, line: place.line)
    }

    private static func asked(_ generation: Generation) -> Asked {
        let key = ObjectIdentifier(Asked.self)
        if let asked = generation.moduleStorage[key] as? Asked { return asked }
        let asked = Asked()
        generation.moduleStorage[key] = asked
        return asked
    }

    private static let get = HostFunction(
        module: "config", "get",
        [
            HostParameter("key", .string, "Name of a setting."),
            HostParameter("default", .plain, optional: true, "Returned when the setting is absent or null."),
        ],
        returns: [HostReturn("value", .plain, "Numbers, strings, booleans, tables, as in the configuration.")],
        "Gives a setting of this package."
    ) { call in
        let generation = call.generation
        if generation.phase == .loading, let key = call.string(0) { asked(generation).names.insert(key) }
        if let key = call.string(0), let settings = generation.module(ConfigAPI.self).settings[generation.id.name],
            let value = member(key, of: settings)
        {
            call.returnJSON(value)
            return .values
        }
        do throws(ScriptError) { call.returnPlain(try call.plain(1)) } catch {
            return .raise("bad argument #2 to 'config.get' (\(error.message))")
        }
        return .values
    }

    private static let all = HostFunction(
        module: "config", "all", returns: [HostReturn("settings", .table, "By name; empty if there are none.")],
        "Gives all settings of this package as the configuration has them. `lib.settings` checks them against what the package knows."
    ) { call in
        let generation = call.generation
        asked(generation).isAll = true
        call.returnJSON(generation.module(ConfigAPI.self).settings[generation.id.name] ?? Array("{}".utf8))
        return .values
    }

    private static let matches = HostFunction(
        module: "config", "matches",
        [
            HostParameter("name", .string, "Name of a secret, like \"token\"."),
            HostParameter("text", .string, optional: true, "What somebody gave; nil is never right."),
        ],
        returns: [HostReturn("right", .boolean, optional: true, "nil: no such secret is configured.")],
        """
        Tells whether a text is a secret of this package. Scripts cannot read secrets, and the answer takes as long for a nearly \
        right text as for a wrong one.
        """
    ) { call in
        let generation = call.generation
        guard let secret = call.string(0).flatMap({ generation.module(ConfigAPI.self).secrets[generation.id.name]?[$0] }) else {
            call.returnNil()
            return .values
        }
        call.returnBoolean(call.withBytes(1) { secret.matches($0) } ?? false)
        return .values
    }

    private static let mistake = HostFunction(
        module: "config", "mistake",
        [HostParameter("name", .string, "Name of a setting."), HostParameter("problem", .string, "What is wrong with it, and what to write instead.")],
        """
        Says that a setting cannot be used, and ends the load: the message names the operator's file, with line and path. \
        `lib.settings` does so for what is declared.
        """
    ) { call in
        let generation = call.generation
        let error = generation.module(ConfigAPI.self).error(call.string(0) ?? "", of: generation.id.name, call.string(1) ?? "")
        let key = ObjectIdentifier(Mistake.self)
        // Later it is an error of the handler, which has a line of its own.
        if generation.isLoading, generation.moduleStorage[key] == nil { generation.moduleStorage[key] = Mistake(error) }
        return .raise(error.description)
    }

    private static func names(_ settings: [UInt8]) -> [String] {
        settings.withUnsafeBytes { text in
            guard let object = try? JSONObject(text) else { return [] }
            return (0..<object.count).map { object.member(at: $0).name }
        }
    }

    private static func member(_ key: String, of settings: [UInt8]) -> [UInt8]? {
        settings.withUnsafeBytes { text in
            guard let value = (try? JSONObject(text))?.member(key), value.kind != .null else { return nil }
            return [UInt8](value.bytes)
        }
    }
}
