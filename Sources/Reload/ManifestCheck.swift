import LuaRuntime

/// What a game's manifest may say beyond what the loader needs (webingo protocol, section 11): found by `nightjar check`.
enum ManifestCheck {
    private static let parameterTypes: Set<String> = ["integer", "number", "string", "boolean"]
    /// What there may be in the manifest, in an action and in the rule of a parameter.
    private static let members = ["id", "title", "description", "cover", "pck", "engine", "jackpot", "settings", "actions"]
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
            for name in ["title", "description", "cover", "pck", "jackpot"] as [StaticString] {
                if let value = manifest[name], value.kind != .string { check.add(value, "\"\(name)\" must be a string") }
            }
            if let cover = manifest["cover"], let file = cover.string, Files.stamp(folder + "/client/" + file) == nil {
                check.add(cover, "the file client/\(file) is missing")
            }
            if let actions = manifest["actions"] { check.actions(actions) }
            return check.found
        }
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
