import Foundation
import LuaRuntime
import Testing

private let connectionType = HostTypeID(0)

/// What the scripts find: one object (their argument) and three functions.
private let host = HostTable(
    functions: [
        HostFunction("note", [HostParameter("text", .string)]) { _ in .none },
        HostFunction("boom") { _ in .raise("no way") },
        HostFunction("wait", [HostParameter("what", .string)], waits: true) { _ in .wait },
        HostFunction(module: "log", "print", [HostParameter("text", .string)]) { _ in .none },
        HostFunction("keep", variadic: true) { call in
            do throws(ScriptError) {
                for index in 0..<call.count {
                    _ = try call.json(index, sorted: true)
                    _ = try call.plain(index)
                }
                return .none
            } catch { return .failure(code: error.code, detail: error.message) }
        },
    ],
    types: [
        HostType(
            id: connectionType, name: "connection",
            methods: [HostFunction("send", [HostParameter("text", .string)]) { _ in .none }],
            properties: [
                HostProperty("id", .integer) { call in
                    call.returnInteger(call.handle)
                    return .values
                },
            ], hasData: true),
    ])

/// How a script ended, and what it cost.
struct EscapeReport: Sendable {
    var outcome: Result<Void, ScriptError>
    var processorTime: Duration
    var peakBytes: Int
    /// The state still works afterwards.
    var isUsable: Bool
}

@Suite struct EscapeTests {
    #if DEBUG
    /// The shim without optimization, on a slow machine.
    private static let slowness = 3
    #else
    private static let slowness = 1
    #endif

    @Test func thereAreEnoughFiles() {
        #expect(EscapeFile.all.count >= 120)
    }

    @Test(arguments: EscapeFile.all)
    func everyScriptStaysInItsBox(file: EscapeFile) throws {
        let report = try onSmallStack { try run(file) }
        switch (file.expectation, report.outcome) {
        case (.ok, .success), (.ends, _): break
        case (.ok, .failure(let error)): Issue.record("failed: \(error)")
        case (.timeout, .failure(let error)): #expect(error.kind == .timeout, "\(error)")
        case (.memory, .failure(let error)): #expect(error.kind == .memory, "\(error)")
        case (.error(let part), .failure(let error)):
            #expect(part.isEmpty || error.description.contains(part), "\(error)")
            #expect(error.kind != .timeout && error.kind != .memory, "\(error)")
        case (_, .success): Issue.record("returned without an error")
        }
        #expect(report.processorTime <= file.limits.sliceDeadline + file.slack * Self.slowness, "took \(report.processorTime)")
        // Soft limit: a tenth, and what one C function may build or one table's growth may take.
        #expect(report.peakBytes <= file.limits.memoryBytes + max(file.limits.memoryBytes / 10, 34 << 20))
        #expect(report.isUsable)
    }

    /// What a script raises is told in a few kilobytes of text, whatever it was.
    @Test(arguments: ["error_binary.lua", "error_binary_fields.lua", "error_huge.lua", "time_error_binary.lua"])
    func failuresAreShortTexts(name: String) throws {
        let report = try onSmallStack { try run(EscapeFile(name: name)) }
        guard case .failure(let error) = report.outcome else { throw ScriptError(kind: .runtime, code: "ok", message: "returned") }
        #expect(error.message.utf8.count <= 4_200 && error.code.utf8.count <= 80 && (error.traceback ?? "").utf8.count <= 9_000)
    }

    private func run(_ file: EscapeFile) throws -> EscapeReport {
        let state = try LuaState(name: file.name, limits: file.limits, owner: nil, functions: host) { _ in
            .failure(ScriptError(kind: .notFound, code: "not_found", message: "no modules here"))
        }
        state.isLoading = false
        let function = try state.load(file.source, chunk: file.name)
        let again = try state.load("return 1", chunk: "again")
        let start = processorTime()
        let outcome = state.start(function, { $0.object(connectionType, 1) })
        var report = EscapeReport(
            outcome: .success(()), processorTime: processorTime() - start, peakBytes: state.memoryPeakBytes, isUsable: true)
        switch outcome {
        case .returned: break
        case .waiting(let task): state.cancel(task)
        case .failed(let error): report.outcome = .failure(error)
        }
        // What the script stored may fill the state for good; the error is then the limit's.
        if case .failed(let error) = state.start(again, { _ in }) { report.isUsable = error.kind == .memory }
        return report
    }
}

private func processorTime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}

/// The limits of the sandbox did not end a script within a minute.
private struct StillRunning: Error {}

/// Owned by the new thread until it has been joined.
private final class Work<R>: @unchecked Sendable {
    let body: () throws -> R
    var result: Result<R, any Error>?
    init(_ body: @escaping () throws -> R) { self.body = body }
}

/// Runs `body` on a thread with two mebibytes of stack: less than any loop of the server has.
private func onSmallStack<R: Sendable>(_ body: @escaping () throws -> R) throws -> R {
    let work = Work(body)
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
        work.result = Result { try work.body() }
        done.signal()
    }
    thread.stackSize = 2 << 20
    thread.start()
    guard done.wait(timeout: .now() + 60) == .success else { throw StillRunning() }
    return try work.result!.get()
}
