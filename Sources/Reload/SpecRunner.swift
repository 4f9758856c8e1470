import Host
import LuaRuntime

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Runs the specs of a unit: the files of its folder `spec`, each a module of test functions with a Lua state of its own. A
/// test that raises has failed.
///
/// Blocks the calling thread for as long as they take; not for event loops that serve sockets.
struct SpecRunner {
    /// Processor time of one test. Far more than a handler gets: a test may play thousands of rounds.
    static let testDeadline = Duration.seconds(2)
    /// Processor time of all specs of a unit. While they run nothing else is loaded, so what needs longer is no test to be run before
    /// every load. Not time on the wall: a busy machine refuses no package.
    static let unitDeadline = Duration.seconds(5)
    /// Files of one unit that are run.
    static let filesMax = 1_000

    /// Makes the states. Its services must be of no consequence: what a test logs, counts or stores reaches nobody.
    let loader: UnitLoader
    /// What need not be run again; nil: all are run.
    var passed: PassedSpecs?
    /// Processor time of all specs of a unit.
    var deadline = Self.unitDeadline
    /// Ends the test that runs and leaves out the others, for the report is for nobody any more.
    var stop = LuaStop()
    /// Processor time of the calling thread, or in a test what stands for it.
    var now: () -> Duration = {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    struct Report {
        /// What failed, in the order of the files, each with the position and the name of its test.
        var failures: [ScriptError] = []
        /// The files the outcome depends on, with the folder's listing: a new spec counts as well.
        var files: [String: SourceSnapshot.State] = [:]
    }

    /// - Parameter isLeftOut: Files that are not to be run, because what is wrong with them is known.
    func run(_ unit: UnitSource, _ snapshot: SourceSnapshot, isLeftOut: (SourceFile) -> Bool = { _ in false }) -> Report {
        let folder = unit.folder.folder("spec")
        var report = Report(files: [folder.path: snapshot.listingState(folder.path)])
        let names = (snapshot.list(folder.path) ?? []).filter { $0.hasSuffix(".lua") }
        let end = now() + deadline
        var passing: [String: PassedSpecs.Files] = [:]
        defer { passed?.keep(passing, of: unit.id) }
        for name in names.prefix(Self.filesMax) {
            let file = folder.file(name)
            guard !isLeftOut(file) else { continue }
            if let files = passed?.unchanged(file.path, of: unit.id, in: snapshot) {
                report.files.merge(files) { $1 }
                passing[file.path] = files
                continue
            }
            let failures = report.failures.count
            let (generation, context) = loader.newGeneration(unit, number: GenerationNumber(number: 0), snapshot: snapshot)
            defer {
                report.files.merge(context.files) { $1 }
                generation.close()
            }
            do throws(ScriptError) {
                try run(file, generation, context, snapshot, until: end, &report)
            } catch {
                // What is not the spec's own is told as it is told of the unit.
                let explained = loader.services.registry.explained(error, of: generation)
                report.failures.append(explained == error ? Self.failure(error, file) : explained)
            }
            if report.failures.count == failures { passing[file.path] = context.files }
        }
        return report
    }

    private func run(
        _ file: SourceFile, _ generation: Generation, _ context: UnitContext, _ snapshot: SourceSnapshot,
        until end: Duration, _ report: inout Report
    ) throws(ScriptError) {
        let source: [UInt8]
        do { source = try context.read(file, snapshot) } catch {
            throw ScriptError(kind: .notFound, code: "no_file", message: error.sentence("is missing"), chunk: file.label)
        }
        // Once the time is up, no further file gets a state.
        let left = try timeLeft(until: end)
        let state = try loader.makeState(generation, context, loader.limits)
        state.obey(stop)
        let chunk = try state.load(source, chunk: file.label)
        let tests = try state.call(chunk, deadline: left) { (results: borrowing LuaResults) throws(ScriptError) in
            results.kind(0) == .table ? results.ref(0) : nil
        }
        guard let tests else {
            throw ScriptError(kind: .runtime, code: "spec_failed", message: "a spec returns a table of test functions", chunk: file.label)
        }
        let names = try Self.testNames(state, tests)
        state.isLoading = false
        generation.phase = .staged
        for name in names {
            guard let test = state.reference(field: name, of: tests) else { continue }
            let deadline = try timeLeft(until: end)
            do throws(ScriptError) {
                try state.call(test, deadline: deadline)
            } catch {
                report.failures.append(Self.failure(error, file, name))
            }
            generation.effects.removeAll()
            state.release(test)
        }
    }

    private func timeLeft(until end: Duration) throws(ScriptError) -> Duration {
        let left = end - now()
        guard !stop.isMade else { throw ScriptError(kind: .timeout, code: "stopping", message: "the server is about to end") }
        guard left > .zero else {
            throw ScriptError(
                kind: .timeout, code: "spec_failed",
                message: "the specs of a unit run before every load and have \(Self.unitDeadline.components.seconds) s together; let them play fewer rounds")
        }
        return min(left, Self.testDeadline)
    }

    private static func failure(_ error: ScriptError, _ file: SourceFile, _ test: String? = nil) -> ScriptError {
        ScriptError(
            kind: error.kind, code: "spec_failed", message: (test.map { $0 + ": " } ?? "") + error.message,
            chunk: error.chunk ?? file.label, line: error.line, traceback: error.traceback)
    }

    /// Sorted, so that a failure comes out the same every time.
    private static func testNames(_ state: LuaState, _ tests: LuaRef) throws(ScriptError) -> [String] {
        let source = """
            local names = {}
            for name, test in pairs(...) do
              if type(name) == "string" and type(test) == "function" then names[#names + 1] = name end
            end
            table.sort(names)
            return table.concat(names, "\\n")
            """
        let chunk = try state.load(source, chunk: "=specs")
        defer { state.release(chunk) }
        let text = try state.call(chunk, { $0.ref(tests) }) { (results: borrowing LuaResults) throws(ScriptError) in results.string(0) ?? "" }
        return text.split(separator: "\n").map(String.init)
    }
}
