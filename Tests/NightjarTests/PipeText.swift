import Foundation
import Glibc
import NightjarTesting

extension Pipe {
    /// Reads what a process writes until there is enough of it, or until it closes its end.
    ///
    /// - Parameter what: What is waited for, in words.
    /// - Throws: `WaitedInVain` with what came until then.
    func text(_ what: String, within limit: Duration = .seconds(60), until isEnough: (String) -> Bool = { _ in false }) throws -> String {
        let end = ContinuousClock.now + limit
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if isEnough(text) { return text }
            let left = Int32(clamping: Int((end - .now) / .milliseconds(1)))
            guard left > 0 else { throw WaitedInVain(what, limit, instead: String(text.suffix(1_000))) }
            var reading = pollfd(fd: fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&reading, 1, left) > 0 else { continue }
            let count = read(fileHandleForReading.fileDescriptor, &buffer, buffer.count)
            if count == 0 { return text }
            if count > 0 { bytes += buffer[..<count] }
        }
    }
}
