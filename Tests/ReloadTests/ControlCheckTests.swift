import Foundation
import LuaRuntime
import NightjarTesting
import Testing
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

@Suite struct ControlCheckTests {
    private func check(_ folder: TestFolder) -> [String] {
        ScriptHost.check(projectConfiguration(folder), modules: projectModules()).map { "\($0.code) \($0)" }
    }

    @Test func aSoundProjectHasNoProblems() {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", answering("p", "one"))
        folder.write("Scripts/p/spec/p_spec.lua", "local T = {}\nfunction T.holds() assert(1 + 1 == 2) end\nreturn T")
        folder.write("Scripts/engines/e.lua", "return { init = function() end, actions = {} }")
        folder.write("games/g/manifest.json", #"{"id": "g", "engine": "e", "actions": {"bet": {"params": {"amount": {"type": "integer", "min": 1, "max": 2}}}}}"#)
        #expect(check(folder) == [])
    }

    @Test func everyProblemIsToldWithFileAndLine() {
        let folder = TestFolder()
        folder.write("Scripts/a/main.lua", "local n = require \"nightjar\"\nlocal M = {}\nn.http.get(\"/x\", function()\n  return undeclared\nend)\nfunction helper() end\nreturn M")
        folder.write("Scripts/b/main.lua", answering("x", "b"))
        folder.write("Scripts/c/main.lua", "return {}")
        folder.write("Scripts/c/unused.lua", "local x = \n= 2")
        folder.write("Scripts/c/spec/c_spec.lua", "local T = {}\nfunction T.fails()\n  assert(false, \"it fails\")\nend\nreturn T")
        folder.write("Scripts/d/main.lua", "local M = {}\nlocal m = require \"gone\"\nreturn M")
        folder.write("games/g/manifest.json", "{\n  \"id\": \"g\",\n  \"engine\": 3\n}")
        folder.write("games/h/manifest.json", "{\n  \"id\": \"h\",\n  \"cover\": \"none.svg\",\n  \"actions\": {\n    \"bet\": {\"params\": {\"amount\": {\"type\": \"int\"}}}\n  }\n}")
        folder.write("games/h/engine.lua", "return {}")
        let problems = check(folder)
        let expected = [
            "runtime Scripts/a/main.lua:6: assignment to undeclared variable 'helper'",
            "undeclared_global Scripts/a/main.lua:4: 'undeclared' is not declared",
            "undeclared_global Scripts/a/main.lua:6: assignment to the global variable 'helper'",
            "syntax Scripts/c/unused.lua:2: ",
            "spec_failed Scripts/c/spec/c_spec.lua:3: fails: it fails",
            "Scripts/d/main.lua:2: module 'gone' not found",
            "bad_manifest games/g/manifest.json:3: ",
            "bad_manifest games/h/manifest.json:3: the file client/none.svg is missing",
            "bad_manifest games/h/manifest.json:5: the type of \"bet.amount\" must be",
            "bad_engine games/h/engine.lua: ",
        ]
        for text in expected { #expect(problems.contains { $0.contains(text) }, "\(text) not in \(problems)") }
    }

    /// A game's specs can hold the engine against what the manifest says, whatever stands in it.
    @Test func specsOfAGameKnowItsManifest() {
        let folder = TestFolder()
        folder.write("Scripts/engines/e.lua", "return { init = function() end, actions = {} }")
        folder.write("games/g/manifest.json", #"{"id": "g", "engine": "e", "title": "]] ]=] \"]==]", "settings": {"numbers": [1, 2]}}"#)
        folder.write("games/g/spec/g_spec.lua", """
            local manifest = require "manifest"
            return { it_does = function()
              assert(manifest.title == "]] ]=] \\"]==]" and manifest.settings.numbers[2] == 2)
            end }
            """)
        #expect(check(folder) == [])
        folder.write("games/g/manifest.json", #"{"id": "g", "engine": "e", "title": "G", "settings": {"numbers": [1, 3]}}"#)
        let problems = check(folder)
        #expect(problems.count == 1 && problems[0].contains("games/g/spec/g_spec.lua:3: it_does"), "\(problems)")
        // No such thing in a package.
        folder.write("Scripts/p/main.lua", "return { m = require 'manifest' }")
        #expect(check(folder).contains { $0.contains("module 'manifest' not found") })
    }

    @Test func clashingRoutesAreFound() {
        let folder = TestFolder()
        folder.write("Scripts/a/main.lua", answering("x/:id", "a"))
        folder.write("Scripts/b/main.lua", answering("x/:name", "b"))
        #expect(check(folder) == ["route_taken Scripts/b/main.lua:4: the route GET /x/:name on the listener \"main\" belongs to package a, as /x/:id"])
    }

    @Test func aMissingFolderIsAProblem() {
        let folder = TestFolder()
        #expect(check(folder) == ["no_folder Scripts: there is no such folder"])
    }

    @Test func endlessSpecsAreEnded() {
        let folder = TestFolder()
        folder.write("Scripts/a/main.lua", "return {}")
        folder.write("Scripts/a/spec/a_spec.lua", "return {\n loops = function()\n  while true do end\n end }")
        #expect(check(folder).contains { $0.hasPrefix("spec_failed Scripts/a/spec/a_spec.lua:3: loops: ") })
    }
}

@Suite struct APIAnnotationTests {
    /// The project's folder, from this file's place in it.
    private static let root = Files.absolute(#filePath + "/../../..")

    private let annotations = ScriptHost.annotations(of: projectModules())

    @Test func theCommittedAnnotationsAreUpToDate() throws {
        for (name, text) in annotations {
            let file = try Files.read(Self.root + "/Scripts/meta/" + name, limit: 1 << 20)
            #expect(String(decoding: file.bytes, as: UTF8.self) == text, "run `nightjar annotations` (\(name))")
        }
        let files = Files.entries(Self.root + "/Scripts/meta").map(\.name)
        #expect(files == annotations.keys.sorted())
    }

    @Test func everyFunctionIsAnnotatedAndDocumented() {
        let text = annotations.values.joined()
        for function in HostRegistry(projectModules()).table.functions {
            let name = function.module.isEmpty ? "nightjar.\(function.name)" : "\(function.module).\(function.name)"
            #expect(text.contains("function \(name)("), "\(name)")
            #expect(!function.documentation.isEmpty, "\(name)")
        }
    }

    /// What an editor needs to complete `request.`: the parameter of a handler has a class, and that has its fields.
    @Test func whatAHandlerGetsIsAClassWithFields() {
        let text = annotations.values.joined(separator: "\n")
        let fields = ["Request": ["method", "path", "query", "params", "headers", "body", "remote"], "Connection": ["id", "remote", "data"]]
        for (name, fields) in fields {
            let declared = Self.fields(of: "nightjar." + name, in: text)
            for field in fields { #expect(declared.contains(field), "\(name).\(field)") }
        }
        #expect(text.contains("---@param handler fun(request: nightjar.Request)"))
        #expect(text.contains("---@field message? fun(conn: nightjar.Connection, text: string, binary: boolean)"))
        #expect(Self.fields(of: "nightjar.Context", in: text).isSuperset(of: ["settings", "credits", "now", "random"]))
        #expect(text.contains("---@field init fun(settings: table, ctx: nightjar.Context)"))
    }

    /// A type that nobody declares is "unknown" to an editor, which then marks nothing.
    @Test func everyTypeThatIsNamedIsDeclared() {
        let text = annotations.values.joined(separator: "\n")
        let declared = Set(text.matches(of: /---@(?:class(?: \(exact\))?|alias) (nightjar[A-Za-z.]*)/).map { String($0.1) })
        let named = text.split(separator: "\n").filter { $0.hasPrefix("---@param") || $0.hasPrefix("---@field") || $0.hasPrefix("---@return") }
            .flatMap { $0.matches(of: /nightjar\.[A-Z][A-Za-z]*/).map { String($0.0) } }
        #expect(!named.isEmpty)
        for name in Set(named) where !declared.contains(name) {
            // Documentation names functions and classes alike; only what stands where a type stands counts.
            let isType = text.contains(": \(name)") || text.contains("? \(name)") || text.contains("|\(name)") || text.contains("@return \(name)")
            #expect(!isType, "\(name) is a type that is not declared")
        }
    }

    /// Only in a class that is closed does an editor mark a field that does not exist.
    @Test func everyTableOfOptionsIsClosed() {
        let text = annotations.values.joined(separator: "\n")
        let functions = HostRegistry(projectModules()).documented.functions
        var looked = 0
        for parameter in functions.flatMap(\.parameters) where !parameter.fields.isEmpty {
            let name = parameter.annotation?.split(separator: "|").last ?? ""
            #expect(text.contains("---@class (exact) \(name)\n"), "\(name)")
            looked += 1
        }
        #expect(looked > 8)
    }

    private static func fields(of name: String, in text: String) -> Set<String> {
        guard let start = text.range(of: "---@class (exact) \(name)\n") ?? text.range(of: "---@class \(name)\n") else { return [] }
        let rows = text[start.upperBound...].split(separator: "\n", omittingEmptySubsequences: false).prefix { $0.hasPrefix("---@field") }
        return Set(rows.compactMap { $0.split(separator: " ").dropFirst().first.map { $0.hasSuffix("?") ? String($0.dropLast()) : String($0) } })
    }

    @Test func annotationsAreLua() throws {
        let state = try LuaState(name: "test", owner: nil, functions: HostTable(), resolve: { _ in .failure(ScriptError(kind: .notFound, code: "x", message: "x")) })
        for (name, text) in annotations { state.release(try state.load(text, chunk: name)) }
        state.close()
    }
}
