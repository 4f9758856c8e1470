import Host
import LuaRuntime

/// What a game's manifest may say beyond what the loader needs (docs/writing-games.md): found by `nightjar check`.
enum ManifestCheck {
    private static let parameterTypes: Set<String> = ["integer", "number", "string", "boolean"]
    /// What there may be in the manifest, in an action and in the rule of a parameter.
    private static let members = [
        "id", "title", "description", "cover", "view", "pck", "engine", "return", "jackpot", "settings", "actions", "reads",
        "unfinished",
    ]
    private static let actionMembers = ["params"]
    private static let ruleMembers = ["type", "min", "max", "step", "default", "enum"]

    /// Line and message of everything that is wrong.
    ///
    /// - Parameter folder: The game's folder, whose `client` holds the files a manifest names.
    static func problems(_ text: [UInt8], folder: String) -> [(line: Int, message: String)] {
        text.withUnsafeBytes { bytes in
            // What is no object was told by the loader.
            guard let manifest = try? JSONObject(bytes) else { return [] }
            var check = Check(text: bytes)
            check.names(manifest, members, of: "a manifest")
            for name in ["title", "description", "cover", "view", "pck", "jackpot"] as [StaticString] {
                if let value = manifest[name], value.kind != .string { check.add(value, "\"\(name)\" must be a string") }
            }
            for name in ["cover", "view"] as [StaticString] {
                guard let value = manifest[name], let file = value.string, Files.stamp(folder + "/client/" + file) == nil else { continue }
                check.add(value, "the file client/\(file) is missing")
            }
            if let declared = manifest["return"], !check.isReturn(declared) {
                check.add(
                    declared,
                    "\"return\" is what the game pays back of what is staked: a number above 0 and at most 1, like 0.95, or a list of the lowest and the highest")
            }
            if let actions = manifest["actions"] { check.actions(actions) }
            return check.found
        }
    }

    /// What the loading of a game has found wrong with its manifest, with all else that is wrong with it: whoever mends one slip is not to
    /// hear of the next one only then.
    static func completed(_ error: ScriptError, of source: UnitSource, in snapshot: SourceSnapshot) -> ScriptError {
        guard source.id.kind == .game, error.chunk == source.entry.label, let text = try? snapshot.read(source.entry.path) else { return error }
        return error.adding(problems(text, folder: source.folder.path).filter { found in
            !error.message.contains(found.message) && !(error.code == "no_engine" && found.line == error.line)
        })
    }

    private struct Check {
        let text: UnsafeRawBufferPointer
        var found: [(line: Int, message: String)] = []

        /// Values are views into the text, so their place in memory is their place in the file.
        mutating func add(_ value: JSONValue, _ message: String) {
            var offset = 0
            if let start = text.baseAddress, let place = value.bytes.baseAddress { offset = max(0, place - start) }
            found.append((JSONObject.line(text, offset: offset), message))
        }

        /// A share of the stakes, or the lowest and the highest one where it depends on how somebody plays.
        func isReturn(_ value: JSONValue) -> Bool {
            guard let bounds = value.elements else { return share(value) != nil }
            guard bounds.count == 2, let lowest = share(bounds[0]), let highest = share(bounds[1]) else { return false }
            return lowest <= highest
        }

        /// A number above 0 and at most 1.
        private func share(_ value: JSONValue) -> Double? {
            guard value.kind == .integer || value.kind == .float else { return nil }
            guard let number = Double(String(decoding: value.bytes, as: UTF8.self)), number > 0, number <= 1 else { return nil }
            return number
        }

        /// A misspelt member would silently do nothing.
        mutating func names(_ object: JSONObject, _ known: [String], of what: String) {
            for index in 0..<object.count {
                let (name, value) = object.member(at: index)
                guard !known.contains(name) else { continue }
                add(value, "\(what) has no member \"\(name)\"" + Suggestion.hint(name, among: known))
            }
        }

        mutating func actions(_ value: JSONValue) {
            guard let actions = value.object else { return add(value, "\"actions\" must be an object") }
            for index in 0..<actions.count {
                let (name, action) = actions.member(at: index)
                guard let object = action.object else {
                    add(action, "the action \"\(name)\" must be an object")
                    continue
                }
                names(object, actionMembers, of: "the action \"\(name)\"")
                guard let parameters = object["params"] else { continue }
                guard let list = parameters.object else {
                    add(parameters, "\"params\" of the action \"\(name)\" must be an object")
                    continue
                }
                for index in 0..<list.count {
                    let (parameter, rule) = list.member(at: index)
                    self.parameter("\(name).\(parameter)", rule)
                }
            }
        }

        private mutating func parameter(_ name: String, _ value: JSONValue) {
            guard let rule = value.object else { return add(value, "the parameter \"\(name)\" must be an object") }
            names(rule, ruleMembers, of: "the rule of \"\(name)\"")
            guard let type = rule["type"] else { return add(value, "the parameter \"\(name)\" has no \"type\"") }
            guard let kind = type.string, parameterTypes.contains(kind) else {
                return add(type, "the type of \"\(name)\" must be integer, number, string or boolean")
            }
            for bound in ["min", "max", "step"] as [StaticString] {
                guard let value = rule[bound] else { continue }
                if value.kind != .integer, kind == "integer" || value.kind != .float {
                    add(value, "\"\(bound)\" of \"\(name)\" must be a number" + (kind == "integer" ? " without a fraction" : ""))
                }
            }
            if let low = rule["min"]?.integer, let high = rule["max"], let highest = high.integer, low > highest {
                add(high, "\"max\" of \"\(name)\" is less than \"min\"")
            }
            if let choices = rule["enum"], choices.elements?.isEmpty ?? true {
                add(choices, "\"enum\" of \"\(name)\" must be a list with at least one value")
            }
        }
    }
}
