import Foundation
import Games
import Host
import LuaRuntime
import NightjarTesting
import Reload

/// Runs one case on a server of its own, beside a healthy neighbour, and tells what was wrong.
struct CaseRun: Sendable {
    let file: CaseFile
    let bounds: Bounds
    /// Tells what was seen even if all is well: for who writes a case.
    var tellsAll = false

    /// What a case showed.
    struct Report: Sendable {
        var name: String
        var problems: [String] = []
        /// What clients and the author saw.
        var seen: [String] = []
        var p50 = Duration.zero, p99 = Duration.zero, longest = Duration.zero
        var count = 0
        var growthMiB = 0
        var stopping = Duration.zero
        /// By how much a slice was over its limit at most.
        var sliceOver = Duration.zero

        /// One line for people and the test that reads it.
        var text: String {
            let figures = String(
                format: "p50 %.1f p99 %.1f max %.1f ms (%d), slice limit +%.0f ms, +%d MiB, stop %.0f ms",
                p50.milliseconds, p99.milliseconds, longest.milliseconds, count, sliceOver.milliseconds, growthMiB, stopping.milliseconds)
            return "\(name): \(problems.isEmpty ? "ok" : "FAILED"): \(figures)" + (problems + seen).map { "\n    \($0)" }.joined()
        }
    }

    func run() async -> Report {
        var report = Report(name: file.name)
        do { try await run(&report) } catch { report.problems.append("\(error)") }
        return report
    }

    private func options() -> ServerOptions {
        var options = ServerOptions()
        options.packages = ["neighbour": Neighbour.package("neighbour", placement: file.workers > 1 ? "all" : "one")]
        options.workers = file.workers
        options.debug = file.isDebug
        options.limits.handlerMilliseconds = file.handlerSeconds * 1_000
        options.luaLimits.memoryBytes = file.luaMiB << 20
        bounds.apply(to: &options.luaLimits)
        if file.isGame {
            let project = TestFolder.project(of: #filePath)
            for folder in ["Scripts/casino", "Scripts/engines", "Scripts/lib"] { options.copies[folder] = project + "/" + folder }
            options.files["Scripts/casino/sites/bad.json"] = #"{"id":"bad","initial_credits":1000,"games":{"\#(file.name)":{}}}"#
            options.casino = CasinoConfiguration()
        }
        if file.isThereAtStart { options.files.merge(file.files) { _, new in new } }
        return options
    }

    private func run(_ report: inout Report) async throws {
        let options = options()
        let server = try await finishes("the start of the server", within: bounds.patience) { try await TestServer(options) }
        let port = server.port
        let neighbours = try await blocking { [file] in
            try (0..<(file.workers > 1 ? 8 : 1)).map { _ in try Neighbour(port: port, path: "/neighbour") }
        }
        try await eventually("the neighbour's first answers") { neighbours.allSatisfy { $0.count >= 5 } }
        let memory = ResidentMemory(file.name)
        _ = SliceWatch.takeLongestOver()
        let first = neighbours.map(\.count)
        let triggers = Triggers(port: port, game: file.name)

        let outcome = try await load(server)
        if outcome.isLoaded {
            for (index, step) in file.steps.enumerated() { try await fire(step.trigger, index, server, triggers, &report) }
            try await Task.sleep(for: .seconds(max(file.seconds, bounds.watch)))
        }
        await check(server, outcome, triggers, &report)
        try await mend(server, &report)
        try await Task.sleep(for: .seconds(file.settleSeconds))
        if file.settleSeconds >= 1 {
            if memory.growth > file.growthMiB / 3 { report.problems.append("memory stayed \(memory.growth) MiB higher") }
        }

        triggers.end()
        report.growthMiB = memory.peakGrowth
        if report.growthMiB > file.growthMiB { report.problems.append("memory grew by \(report.growthMiB) MiB") }
        let home = try await finishes("the status", within: bounds.patience) { await server.host.status() }.first { "\($0.unit)" == file.unit }?.workers.first ?? 0
        judge(neighbours, first, home, &report)
        report.sliceOver = SliceWatch.takeLongestOver()
        if report.sliceOver > bounds.sliceOver {
            report.problems.append(
                String(format: "a slice ended %.0f ms behind its limit (bound %.0f ms)", report.sliceOver.milliseconds, bounds.sliceOver.milliseconds))
        }
        for neighbour in neighbours { neighbour.end() }
        // Answered or not: the server is stopped with whatever is still under way.
        let began = ContinuousClock.now
        try await finishes("the end of the server", within: .seconds(file.stopSeconds)) { await server.stop() }
        report.stopping = ContinuousClock.now - began
    }

    private func load(_ server: TestServer) async throws -> (isLoaded: Bool, text: String) {
        guard !file.isThereAtStart else {
            let texts = server.reloads.texts.filter { $0.hasPrefix(file.unit + ":") }
            return (texts.last?.hasSuffix(": loaded") ?? false, texts.last ?? "nothing was loaded")
        }
        for (path, text) in file.files where path != file.mainPath { server.folder.write(path, text) }
        let outcome = try await save(server, file.files[file.mainPath] ?? "")
        return (outcome.hasSuffix(": loaded"), outcome)
    }

    /// Saves the main file and waits for what becomes of it.
    private func save(_ server: TestServer, _ text: String) async throws -> String {
        try await finishes("a load of \(file.unit)", within: bounds.patience) { [file] in
            try await server.save(file.mainPath, text, andWaitFor: file.unit)
        }
    }

    private func fire(
        _ trigger: CaseFile.Trigger, _ step: Int, _ server: TestServer, _ triggers: Triggers, _ report: inout Report
    ) async throws {
        switch trigger {
        case .reload(let count):
            // What is to be there before is there.
            for (index, earlier) in file.steps[..<step].enumerated() {
                guard case .each = earlier.answer else { continue }
                try? await eventually("the answers before", within: bounds.patience) { triggers.replies(index).count >= earlier.trigger.asked }
            }
            for number in 0..<count {
                let outcome = try await save(server, (file.files[file.mainPath] ?? "") + "\n-- \(ContinuousClock.now)\n")
                let texts = if case .each(let texts) = file.steps[step].answer { texts } else { [": loaded"] }
                if !texts.contains(where: outcome.contains) { report.problems.append("reload \(number): \(outcome)") }
            }
        case .wait(let seconds): try await Task.sleep(for: .seconds(seconds))
        default:
            try await finishes("the trigger \(trigger)", within: bounds.patience) {
                try await blocking { try triggers.fire(trigger, step: step) }
            }
        }
    }

    // MARK: What must be

    private func check(
        _ server: TestServer, _ outcome: (isLoaded: Bool, text: String), _ triggers: Triggers, _ report: inout Report
    ) async {
        let isRefused = file.expectations.contains { if case .refused = $0 { true } else { false } }
        if outcome.isLoaded == isRefused { report.problems.append(outcome.text) }
        for expectation in file.expectations {
            switch expectation {
            case .loads: break
            case .refused(let text):
                if !outcome.text.contains(text) { report.problems.append("refused otherwise: \(outcome.text.prefix(500))") }
            case .error(let texts):
                let allowed = texts + bounds.errorsOfSlowMachines
                await expect("an error with \(texts)", &report) { Self.errors(server).contains { error in allowed.contains(where: error.contains) } }
            case .errors(let texts):
                await expect("an error with \(texts)", &report) { !Self.errors(server).isEmpty }
                let allowed = texts + bounds.errorsOfSlowMachines
                if let other = Self.errors(server).first(where: { error in !allowed.contains(where: error.contains) }) {
                    report.problems.append("another error: \(other.prefix(300))")
                }
            case .noErrors:
                for text in server.scriptErrors.prefix(3) { report.problems.append("error: \(text.prefix(500))") }
            case .log(let text):
                await expect("a log line with \(text)", &report) { server.log.all.contains { $0.description.contains(text) } }
            case .open:
                if triggers.closed > 0 { report.problems.append("\(triggers.closed) clients were disconnected") }
            }
        }
        if outcome.isLoaded {
            for (index, step) in file.steps.enumerated() { await check(step, index, triggers, &report) }
        }
        if tellsAll { tell(server, outcome.text, triggers, &report) }
        guard !report.problems.isEmpty else { return }
        report.problems += server.scriptErrors.prefix(3).map { "script error: \($0.prefix(300))" }
    }

    private static func errors(_ server: TestServer) -> [String] { server.scriptFailures.map { "\($0.error.code) \($0.error)" } }

    /// What the clients of one trigger saw.
    private func check(_ step: CaseFile.Step, _ index: Int, _ triggers: Triggers, _ report: inout Report) async {
        let texts: [String]
        var needed = 1
        switch step.answer {
        case .unsaid: return
        case .nothing: (texts, needed) = ([], 0)
        case .some(let some): texts = some
        case .each(let each): (texts, needed) = (each, step.trigger.asked)
        }
        do {
            try await eventually("the answers", within: bounds.patience) { triggers.replies(index).count >= needed }
        } catch {
            report.problems.append("\(step.trigger): \(triggers.replies(index).count) of \(needed) answers came")
        }
        let others = triggers.replies(index).filter { reply in !texts.contains { reply.contains($0) } }
        guard !others.isEmpty else { return }
        report.problems.append("\(step.trigger): \(others.count) other answers: \(others.prefix(3).map { String($0.prefix(200)) })")
    }

    private func tell(_ server: TestServer, _ outcome: String, _ triggers: Triggers, _ report: inout Report) {
        report.seen.append("outcome: \(outcome.prefix(400))")
        func histogram(_ what: String, _ texts: [String]) {
            let counts = Dictionary(texts.map { (String($0.prefix(160)), 1) }, uniquingKeysWith: +).sorted { $0.value > $1.value }
            for (text, count) in counts.prefix(4) { report.seen.append("\(what): \(count) × \(text.debugDescription)") }
        }
        for (index, step) in file.steps.enumerated() { histogram("\(step.trigger)", triggers.replies(index)) }
        if triggers.closed > 0 { report.seen.append("\(triggers.closed) clients were disconnected") }
        histogram("error", Self.errors(server))
        histogram("log", server.log.all.map(\.description).filter { !$0.hasPrefix("info") })
    }

    private func expect(_ what: String, _ report: inout Report, _ condition: () -> Bool) async {
        do { try await eventually(what, within: bounds.patience) { condition() } } catch { report.problems.append("\(error)") }
    }

    /// A mended file goes live.
    private func mend(_ server: TestServer, _ report: inout Report) async throws {
        let outcome = try await save(server, file.mended)
        guard outcome.hasSuffix(": loaded") else { return report.problems.append("the mended file: \(outcome)") }
        guard !file.isGame else { return }
        // What the old generation left in the mailbox may be in the way for a while.
        let last = Letterbox<String>("an answer")
        do {
            _ = try await finishes("an answer of the mended package", within: bounds.patience) { [file] in
                try await eventually("an answer of the mended package", within: bounds.patience) {
                    let answer = try await server.get("/\(file.name)/mended")
                    last.put(answer)
                    return answer == "mended"
                }
            }
        } catch {
            report.problems.append("\(error): \(last.takeAll().last ?? "no answer")")
        }
    }

    /// - Parameter home: The worker of the misbehaving package.
    private func judge(_ neighbours: [Neighbour], _ first: [Int], _ home: Int, _ report: inout Report) {
        for (neighbour, first) in zip(neighbours, first) {
            if let failure = neighbour.failure { report.problems.append("the neighbour: \(failure)") }
            let latencies = neighbour.latencies(from: first)
            let bound = neighbour.loop == home ? bounds.sameWorker : bounds.otherWorker
            let reached = latencies.quantile(bounds.share)
            if reached > bound {
                report.problems.append(
                    String(format: "the neighbour on loop %d waited %.1f ms (bound %.0f ms)", neighbour.loop, reached.milliseconds, bound.milliseconds))
            }
            report.p50 = max(report.p50, latencies.quantile(0.5))
            report.p99 = max(report.p99, latencies.quantile(0.99))
            report.longest = max(report.longest, latencies.max() ?? .zero)
            report.count += latencies.count
        }
    }
}
