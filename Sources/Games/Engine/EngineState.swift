import Bytes
import Host
import LuaRuntime

/// Makes the Lua states of engines. An engine is a function of state, parameters and context: what it could remember, wait for
/// or be told by besides is not there, and asking for it is an error that names the line.
enum EngineState {
    /// A state in which a game's files, or its specs, can run.
    ///
    /// - Parameter owner: The state's generation, whose game this is.
    static func make(
        owner: Generation, limits: LuaLimits, chunks: CompiledChunks? = nil, resolve: @escaping (String) -> Result<ModuleSource, ScriptError>
    ) throws(ScriptError) -> LuaState {
        let state = try LuaState(
            name: owner.id.description, limits: limits, owner: owner, functions: owner.services.registry.pureTable, isPure: true, chunks: chunks,
            resolve: { name in
                guard !name.hasPrefix("nightjar.") else {
                    return .failure(ScriptError(kind: .notFound, code: "not_pure", message: refusal(String(name.dropFirst(9)))))
                }
                return resolve(name)
            })
        let chunk = try state.load(prelude, chunk: "=nightjar")
        defer { state.release(chunk) }
        try state.call(chunk, { (arguments: inout LuaArguments) in
            arguments.string(reason)
            arguments.json(Array(advice.utf8))
            arguments.string(otherwise)
        })
        return state
    }

    /// Takes away what is not pure and raises for whatever is not there.
    private static let prelude = """
        local reason, advice, otherwise = ...
        local nightjar = require "nightjar"
        nightjar.random, nightjar.state = nil, nil
        setmetatable(nightjar, {
          __index = function(_, name)
            error("an engine has no nightjar." .. tostring(name) .. reason .. (advice[name] or otherwise), 2)
          end,
          __newindex = function(_, name)
            error("nightjar." .. tostring(name) .. " cannot be set", 2)
          end,
          __metatable = false,
        })
        """

    private static let reason = ": it is a function of state, parameters and context, so that its rounds can be played again; "
    private static let otherwise = "it has nightjar.json and nightjar.log, everything else comes in as an argument"
    /// What to do instead, by name.
    private static let advice = """
        {"now": "take ctx.now", "random": "take ctx.random", \
        "config": "put what differs between sites into the manifest's settings and take ctx.settings"}
        """

    private static func refusal(_ name: String) -> String {
        let known = Array(advice.utf8).withUnsafeBytes { (try? JSONObject($0))?.member(name)?.string }
        return "an engine has no nightjar.\(name)\(reason)\(known ?? otherwise)"
    }
}
