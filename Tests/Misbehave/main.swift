import Foundation
import Glibc

// Runs misbehaving scripts beside healthy ones, in this process; one line per case, status 1 if anything was wrong.
//
//     misbehave case [--strict] [--tell] [NAME...]    the files of Tests/MisbehaviourTests/cases; all of them without a name;
//                                                with --tell what was seen
//     misbehave random [--strict] --seconds S [--seed N]     random programs over the whole host API
//     misbehave program NAME --seed N            prints the program that `random` gives the package (random5: the game) of this name
//     misbehave together --seconds S [--seed N]  all cases at once, loaded, mended and loaded again
//     misbehave reloads --seconds S [--count N] [--clients N]    reloads under traffic: nothing lost, nothing doubled
//     misbehave allocations                      allocations on the way of a message; see Benchmarks/allocations.sh
//
// A server that cannot be stopped is a finding too: the process then ends without it.

/// What was asked for.
struct Command {
    private var arguments = Array(CommandLine.arguments.dropFirst())

    private mutating func option(_ name: String) -> String? {
        guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else { return nil }
        let value = arguments[index + 1]
        arguments.removeSubrange(index...index + 1)
        return value
    }

    private mutating func flag(_ name: String) -> Bool {
        guard let index = arguments.firstIndex(of: name) else { return false }
        arguments.remove(at: index)
        return true
    }

    /// Whether all was well.
    mutating func run() async throws -> Bool {
        let bounds = flag("--strict") ? Bounds.strict : .generous
        let tellsAll = flag("--tell")
        let seconds = option("--seconds").flatMap(Double.init) ?? 60
        let seed = option("--seed").flatMap(UInt64.init) ?? UInt64.random(in: 0...UInt64.max)
        let count = option("--count").flatMap(Int.init) ?? 10_000
        let clients = option("--clients").flatMap(Int.init) ?? 1_000
        switch arguments.first {
        case "case":
            let names = arguments.dropFirst()
            var isFine = true
            for file in try names.isEmpty ? CaseFile.all() : names.map({ try CaseFile(named: $0) }) {
                let report = await CaseRun(file: file, bounds: bounds, tellsAll: tellsAll).run()
                say(report.text)
                if !report.problems.isEmpty { isFine = false }
            }
            return isFine
        case "random": return await RandomRun(seed: seed, seconds: seconds, bounds: bounds).run()
        case "program":
            let name = arguments.count > 1 ? arguments[1] : "random1"
            say(name.hasSuffix("5") ? RandomProgram.makeEngine(seed: seed, name: name) : RandomProgram.make(seed: seed, name: name))
            return true
        case "together": return await TogetherRun(files: try CaseFile.all(), seconds: seconds, seed: seed).run()
        case "allocations": return await AllocationRun().run()
        case "reloads": return await ReloadRun(count: count, clients: clients, seconds: seconds).run()
        default:
            say("usage: misbehave case|random|together|reloads, see Tests/Misbehave/main.swift")
            return false
        }
    }
}

/// Writes a line to standard output at once: the process may not live to flush anything.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

func whole() async throws -> Bool {
    var command = Command()
    return try await command.run()
}

// What is freed in large pieces goes back to the system at once, so that memory that is held is memory that leaks. The C
// library reads the variable when a process begins.
if getenv("MALLOC_MMAP_THRESHOLD_") == nil {
    setenv("MALLOC_MMAP_THRESHOLD_", "1048576", 1)
    let arguments = CommandLine.arguments.map { strdup($0) } + [nil]
    execv("/proc/self/exe", arguments)
}

do {
    _exit(try await whole() ? 0 : 1)
} catch {
    say("\(error)")
    _exit(1)
}
