import Testing

@testable import LuaRuntime

/// Files that were compiled are not compiled again, and nothing else can be told of it.
@Suite struct CompiledChunkTests {
    private func state(_ chunks: CompiledChunks?, _ modules: [String: String] = [:]) throws -> LuaState {
        try LuaState(name: "test", owner: nil, functions: HostTable(), chunks: chunks) { name in
            guard let source = modules[name] else {
                return .failure(ScriptError(kind: .notFound, code: "not_found", message: "no such file"))
            }
            return .success(ModuleSource(bytes: Array(source.utf8), chunk: "\(name).lua"))
        }
    }

    /// What a file comes to: its result as text, or its error with everything that is told.
    private func outcome(_ source: String, _ state: LuaState) -> String {
        do throws(ScriptError) {
            let chunk = try state.load(source, chunk: "main.lua")
            return try state.call(chunk, { _ in }) { (results: borrowing LuaResults) throws(ScriptError) in results.string(0) ?? "nothing" }
        } catch {
            return "\(error.code) \(error.description) \(error.traceback ?? "")"
        }
    }

    private let modules = [
        "sum": "local M = {}\nlocal scale = 2.5\nfunction M.of(a, b)\n  return scale * (a + b) // 1\nend\nfunction M.fail()\n  local nothing\n  return nothing.field\nend\nreturn M",
        "long": "return '" + String(repeating: "x", count: 300) + "'",
    ]

    @Test(arguments: [
        "local sum = require 'sum'\nreturn tostring(sum.of(1, 2)) .. #require 'long'", "local sum = require 'sum'\nreturn sum.fail()",
        "local function f(...)\n  local t <const> = { ... }\n  for i, v in ipairs(t) do t[i] = v & 0x7fffffffffffffff | 1 end\n  return table.concat(t, ' ')\nend\nreturn f(1, 2, 1 << 40)",
        "goto done\n::done::\nreturn tostring(1e308 * 10) .. tostring(0/0 ~= 0/0) .. math.mininteger", "error({ code = 'own', message = 'text' })",
        "local a <close> = nil\nreturn missing_global",
    ])
    func whatComesBackDoesTheSame(_ source: String) throws {
        let chunks = CompiledChunks()
        let fresh = outcome(source, try state(nil, modules))
        let first = outcome(source, try state(chunks, modules)), kept = chunks.kept
        #expect(kept > 0 && chunks.found == 0)
        let second = outcome(source, try state(chunks, modules))
        #expect(chunks.found == kept && chunks.kept == kept, "each file was compiled once")
        #expect(first == fresh)
        #expect(second == fresh)
    }

    @Test func anotherTextOfTheSameNameIsCompiled() throws {
        let chunks = CompiledChunks()
        #expect(outcome("return 'one'", try state(chunks)) == "one")
        #expect(outcome("return 'two'", try state(chunks)) == "two")
        #expect(outcome("return 'two", try state(chunks)).hasPrefix("syntax main.lua:1: "))
        #expect(outcome("return 'two'", try state(chunks)) == "two")
        #expect(chunks.found == 1, "a mistake takes nothing's place")
    }

    @Test func aStateThatHasLoadedAsksNoMore() throws {
        let chunks = CompiledChunks()
        let state = try state(chunks)
        state.isLoading = false
        #expect(outcome("return 'one'", state) == "one")
        #expect(chunks.kept == 0 && chunks.found == 0)
    }

    /// Code comes from the host's memory and from nowhere else.
    @Test func filesAndScriptsStillCannotBeBinary() throws {
        let chunks = CompiledChunks()
        let binary = "\u{1B}Lua\u{54}\u{0}\u{19}\u{93}"
        #expect(outcome(binary, try state(chunks)).contains("attempt to load a binary chunk"))
        #expect(outcome("return require 'evil'", try state(chunks, ["evil": binary])).contains("attempt to load a binary chunk"))
        let dynamic = "local f, problem = load('\\27Lua' .. '...', 'x', 'b')\nreturn tostring(f) .. ' ' .. tostring(problem)"
        for _ in 0..<2 { #expect(outcome(dynamic, try state(chunks)).hasPrefix("nil ")) }
    }

    @Test func whatIsKeptHasABound() throws {
        let chunks = CompiledChunks(bytesMax: 20_000)
        for file in 0..<100 {
            _ = try state(chunks, ["m": "return 1"]).load("return '" + String(repeating: "x", count: 1_000) + "'", chunk: "\(file).lua")
            #expect(chunks.bytes <= 20_000)
        }
        #expect(chunks.kept == 100 && chunks.bytes > 0)
        let kept = chunks.kept
        _ = try state(chunks).load("return '" + String(repeating: "x", count: 30_000) + "'", chunk: "large.lua")
        #expect(chunks.kept == kept, "what is too large alone sends nothing else away")
        #expect(chunks.bytes > 0)
    }
}
