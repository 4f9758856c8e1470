import Bytes
import Synchronization

/// Lines that the scripts of a test's server have written on standard output. Any thread.
public final class OutputLines: Sendable {
    /// Lines that are kept; a script that writes for ever must not fill the test's memory.
    static let linesMax = 100_000

    private let lines = Lock<[String]>([])

    init() {}

    /// All so far, in order.
    public var all: [String] { lines.withLock { $0 } }

    /// Waits until there are at least so many.
    ///
    /// - Throws: ``WaitedInVain`` with the latest lines.
    @discardableResult
    public func wait(for count: Int, within limit: Duration = Waiting.usual) async throws -> [String] {
        do {
            return try await eventually("\(count) lines of output", within: limit) {
                let lines = all
                return lines.count >= count ? lines : nil
            }
        } catch let error as WaitedInVain {
            throw WaitedInVain(error.what, error.limit, instead: all.suffix(5).joined(separator: "\n"))
        }
    }

    func add(_ line: String) {
        lines.withLock { if $0.count < Self.linesMax { $0.append(line) } }
    }
}
