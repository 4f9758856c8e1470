import Foundation
import Synchronization

/// Watches how much memory the process holds, from a thread of its own, and ends the process before it takes the machine down.
final class ResidentMemory: Sendable {
    /// Beyond this growth nothing is to be learned any more.
    static let endMiB = 2_048

    private let base: Int
    private let peak = Atomic(0)

    init(_ what: String) {
        base = Self.now
        Thread.detachNewThread { [self] in
            while true {
                let grown = Self.now - base
                if grown > peak.load(ordering: .relaxed) { peak.store(grown, ordering: .relaxed) }
                if grown > Self.endMiB {
                    say("\(what): FAILED: memory grew by \(grown) MiB, ended")
                    _exit(1)
                }
                usleep(10_000)
            }
        }
    }

    /// Resident memory of the process, MiB.
    static var now: Int {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return (pages * Int(sysconf(Int32(_SC_PAGESIZE)))) >> 20
    }

    /// How much more it was at most since the start, MiB.
    var peakGrowth: Int { max(peak.load(ordering: .relaxed), Self.now - base) }
    /// How much more it is now, MiB.
    var growth: Int { Self.now - base }
}
