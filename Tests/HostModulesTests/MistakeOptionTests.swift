import LuaRuntime
import NightjarTesting
import Store
import Testing
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// Misspelt options and fields: refused when they are read, with the name that was meant.
@Suite(.timeLimit(.minutes(1))) struct MistakeOptionTests {
    /// What loading a package says that runs this when it is loaded; nil if it loads.
    private func loading(_ body: String, module: String = "") async throws -> String? {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", "return {}")
        let server = try await TestServer(folder: folder)
        folder.replace("Scripts/p/main.lua", "local n = require \"nightjar\"\nlocal M = {}\n\(body)\n\(module)\nreturn M\n")
        let told = try await server.reload().first
        await server.stop()
        return told == "package p: loaded" ? nil : told
    }

    @Test(arguments: [
        ("n.websocket.endpoint('/e', { mesage = print })", "unknown field 'mesage' of 'websocket.endpoint'; did you mean 'message'?"),
        ("n.websocket.endpoint('/e', { message = print, idleTimeout = 3 })", "did you mean 'idle_timeout'?"),
        ("n.websocket.endpoint('/e', { message = 3 })", "bad field 'message' of 'websocket.endpoint' (function expected)"),
        ("n.websocket.endpoint('/e', { print })", "it has fields with names, like 'open'; a number is none"),
        (
            "n.websocket.endpoint('/e', { message = print, compression = { levle = 3 } })",
            "unknown field 'compression.levle' of 'websocket.endpoint'; did you mean 'level'?"
        ),
        ("n.websocket.endpoint('/e', { message = print, origins = { 5 } })", "bad field 'origins'"),
        ("n.http.get('/r', print, { maxbody = 3 })", "unknown field 'maxbody' of 'http.get'; did you mean 'max_body'?"),
        ("n.http.post('/r', print, { cors = 'yes' })", "bad field 'cors' of 'http.post' (boolean or table expected)"),
        ("n.http.put('/r', print, { max_body = 1e9 })", "bad field 'max_body' of 'http.put' (0…67108864 bytes expected)"),
        ("n.http.static('/s', 'public', { indx = 'a.html' })", "unknown field 'indx' of 'http.static'; did you mean 'index'?"),
        ("n.http.static('/s', 'publik')", "there is no folder \"publik\" in this package"),
        ("n.http.static('/s', 'public', { colour = 1 })", "unknown field 'colour' of 'http.static' (known: index, cors, shared)"),
        ("n.http.static('/s', 'public', { shared = true })", "there is no folder \"public\" in lib"),
    ])
    func anOptionThatDoesNotExistIsNamedWithTheOneThatDoes(_ body: String, _ message: String) async throws {
        let told = try await loading(body)
        #expect(told?.contains("Scripts/p/main.lua:3: ") == true && told?.contains(message) == true, "\(told ?? "loaded")")
    }

    @Test(arguments: [
        ("M.worker = 'all'", "unknown field 'M.worker'; did you mean 'M.workers'?"),
        ("function M.on_relaod() end", "unknown field 'M.on_relaod'; did you mean 'M.on_reload'?"),
        ("M.Version = 3", "did you mean 'M.version'?"),
        ("M.limits = { slice = 3 }", "unknown field 'M.limits.slice' (known: memory_mb, slice_ms)"),
        ("M.limits = { slice_msec = 3 }", "unknown field 'M.limits.slice_msec'; did you mean 'slice_ms'?"),
    ])
    func aFieldOfTheModuleThatIsNearlyOneIsNamed(_ module: String, _ message: String) async throws {
        let told = try await loading("", module: module)
        #expect(told?.contains(message) == true, "\(told ?? "loaded")")
    }

    @Test(arguments: [
        ("M.workers = 'many'", "M.workers must be \"one\", \"all\" or \"dedicated\", not many"), ("M.workers = 3", "not 3"),
        ("M.listener = 5", "M.listener must be the name of a listener"), ("M.listener = 'mian'", "there is no listener 'mian'; did you mean 'main'?"),
        ("M.version = 'x'", "M.version must be a whole number from 0"), ("M.version = -1", "M.version must be a whole number from 0"),
        ("M.version = 1.5", "M.version must be a whole number from 0"), ("M.limits = 5", "M.limits must be a table"),
        ("M.limits = { memory_mb = 0 }", "M.limits.memory_mb must be a whole number from 1 to 4096"),
        ("M.limits = { memory_mb = 4097 }", "M.limits.memory_mb must be a whole number from 1 to 4096"),
        ("M.limits = { slice_ms = 1001 }", "M.limits.slice_ms must be a whole number from 1 to 1000"),
        ("M.limits = { slice_ms = '20' }", "M.limits.slice_ms must be a whole number from 1 to 1000"),
        ("M.on_ready = 1", "M.on_ready must be a function, not a number"), ("M.on_unload = {}", "M.on_unload must be a function, not a table"),
        ("M.migrate = 'x'", "M.migrate must be a function, not a string"),
    ])
    func aFieldOfTheModuleWithAWrongValueIsNamed(_ module: String, _ message: String) async throws {
        let told = try await loading("", module: module)
        #expect(told?.hasPrefix("package p: Scripts/p/main.lua: ") == true && told?.contains(message) == true, "\(told ?? "loaded")")
    }

    @Test func fieldsOfTheAuthorsOwnAreFine() async throws {
        #expect(try await loading("", module: "M.players = {}\nfunction M.helper() end\nM._worker = 1\nM[1] = 2") == nil)
    }

    @Test func everyOptionTableOfTheHostIsDeclaredAndDocumented() {
        let nowhere = SourceFolder(path: "/nowhere", label: "nowhere")
        let casino = CasinoModule(sites: SiteFiles(nowhere), games: nowhere)
        let table = HostRegistry(StandardModules(store: MemoryStore()).list() + [EngineModule(), casino]).table
        for function in table.functions + table.types.flatMap(\.methods) {
            for parameter in function.parameters where parameter.name == "options" {
                #expect(!parameter.fields.isEmpty && parameter.annotation != nil, "\(function.module).\(function.name)")
            }
            for field in function.parameters.flatMap(\.fields) {
                #expect(!field.documentation.isEmpty, "\(function.module).\(function.name): \(field.name)")
            }
        }
    }
}
