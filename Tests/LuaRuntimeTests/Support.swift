import LuaRuntime
import Testing

/// What a host function of the tests writes into; the owner of the state.
final class Recorder {
    var sent: [UInt8] = []
    var texts: [String] = []
    var refs: [LuaRef] = []
    var wanted: String?
}

let connectionType = HostTypeID(0)
let ticketType = HostTypeID(1)

/// A small host with one function of each sort.
let testTable = HostTable(
    functions: [
        HostFunction("note", [HostParameter("text", .string)]) { call in
            call.owner(as: Recorder.self).texts.append(call.string(0) ?? "?")
            return .none
        },
        HostFunction("add", [HostParameter("a", .integer), HostParameter("b", .integer, optional: true)]) { call in
            call.returnInteger((call.integer(0) ?? 0) + (call.integer(1) ?? 100))
            return .values
        },
        HostFunction("fail") { _ in .failure(code: "not_today", detail: "the host has no time") },
        HostFunction("boom") { _ in .raise("this is no way to call boom") },
        HostFunction(module: "http", "get", [HostParameter("path", .string), HostParameter("handler", .function)]) { call in
            if let ref = call.ref(1) { call.owner(as: Recorder.self).refs.append(ref) }
            return .none
        },
        HostFunction("wait", [HostParameter("what", .string)], waits: true) { call in
            call.owner(as: Recorder.self).wanted = call.string(0)
            return .wait
        },
        HostFunction("options", [HostParameter("options", .table)]) { call in
            let recorder = call.owner(as: Recorder.self)
            if let name = call.field(0, "name"), let text = call.string(name) { recorder.texts.append("name=\(text)") }
            if let list = call.field(0, "list") {
                for position in 1...max(1, call.length(list)) {
                    guard let element = call.element(list, position) else { continue }
                    recorder.texts.append("list=\(call.integer(element) ?? -1)")
                }
            }
            if let headers = call.field(0, "headers") {
                call.forEachPair(headers) { key, value in
                    recorder.texts.append("\(call.string(key) ?? "?"):\(call.string(value) ?? "?")")
                }
            }
            return .none
        },
        HostFunction("encode", [HostParameter("value", .any)]) { call in
            do throws(ScriptError) {
                call.returnBytes(try call.json(0, sorted: true))
                return .values
            } catch { return .failure(code: error.code, detail: error.message) }
        },
        HostFunction("ticket", [HostParameter("number", .integer)]) { call in
            call.returnObject(ticketType, call.integer(0) ?? 0)
            return .values
        },
        HostFunction(module: "log", "print", [HostParameter("text", .string)]) { call in
            call.owner(as: Recorder.self).texts.append(call.string(0) ?? "?")
            return .none
        },
        HostFunction("union", [HostParameter("what", [.string, .object(connectionType), .function])]) { _ in .none },
        HostFunction("caller") { call in
            call.returnString(call.caller.map { "\($0.chunk)@\($0.line)" } ?? "nobody")
            return .values
        },
    ],
    types: [
        HostType(
            id: connectionType, name: "connection",
            methods: [
                HostFunction("send", [HostParameter("text", .string)]) { call in
                    if let bytes = call.bytes(0) { call.owner(as: Recorder.self).sent.append(contentsOf: bytes) }
                    return .none
                },
            ],
            properties: [
                HostProperty("id", .integer) { call in
                    call.returnInteger(call.handle)
                    return .values
                },
            ],
            hasData: true),
        HostType(
            id: ticketType, name: "ticket",
            methods: [
                HostFunction("number") { call in
                    call.returnInteger(call.handle)
                    return .values
                },
            ]),
    ])

/// A state with its recorder, which must outlive it.
struct TestState {
    let recorder = Recorder()
    let state: LuaState

    init(_ limits: LuaLimits = LuaLimits(), loading: Bool = false, modules: [String: String] = [:]) throws {
        state = try LuaState(name: "test", limits: limits, owner: recorder, functions: testTable) { name in
            guard let source = modules[name] else {
                return .failure(ScriptError(kind: .notFound, code: "not_found", message: "no such file"))
            }
            return .success(ModuleSource(bytes: Array(source.utf8), chunk: "\(name).lua"))
        }
        state.isLoading = loading
    }

    /// Compiles `source` with the API as `nightjar`, as the body of a function with the arguments `...`.
    func load(_ source: String, chunk: String = "test.lua") throws -> LuaRef {
        let maker = try state.load("local nightjar = require 'nightjar'; return function(...) \(source)\nend", chunk: chunk)
        return try state.call(maker, { _ in }) { (results: borrowing LuaResults) throws(ScriptError) in
            guard let ref = results.ref(0) else { throw ScriptError(kind: .memory, code: "memory", message: "no reference") }
            return ref
        }
    }

    /// Runs a body and gives its results as texts.
    @discardableResult
    func run(_ source: String, _ push: (inout LuaArguments) -> Void = { _ in }) throws -> [String] {
        let function = try load(source)
        defer { state.release(function) }
        return try state.call(function, push) { (results: borrowing LuaResults) throws(ScriptError) in texts(results) }
    }

    /// Runs a body that is expected to fail.
    func failure(_ source: String, _ push: (inout LuaArguments) -> Void = { _ in }) throws -> ScriptError {
        let function = try load(source)
        defer { state.release(function) }
        switch state.start(function, push) {
        case .failed(let error): return error
        case .returned: throw Unexpected(what: "returned")
        case .waiting: throw Unexpected(what: "waits")
        }
    }
}

struct Unexpected: Error {
    let what: String
}

func texts(_ results: borrowing LuaResults) -> [String] {
    (0..<results.count).map { index in
        switch results.kind(index) {
        case .nil: "nil"
        case .boolean: results.isTrue(index) ? "true" : "false"
        case .number: results.integer(index).map(String.init) ?? results.number(index).map { "\($0)" } ?? "?"
        case .string: results.string(index) ?? "?"
        case let kind: "\(kind)"
        }
    }
}

func task(_ outcome: LuaOutcome) throws -> LuaTask {
    switch outcome {
    case .waiting(let task): return task
    case .returned: throw Unexpected(what: "returned")
    case .failed(let error): throw error
    }
}
