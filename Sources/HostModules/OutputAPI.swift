import Host
import LuaRuntime

/// `nightjar.output`: lines for whoever reads the server's standard output. The log goes elsewhere and has its own form.
struct OutputAPI: HostModule {
    /// Gets each line, on the loop of the script; must not wait.
    let write: @Sendable (String) -> Void

    var functions: [HostFunction] { [Self.output] }

    /// Longer lines are cut, as those of the log: a line is for a person or a pipe of one.
    private static let bytesMax = 8_192

    private static let output = HostFunction(
        "output", [HostParameter("line", .string, "UTF-8 without the line feed; what is longer than 8 KiB is cut.")],
        """
        Writes a line to the server's standard output. Unlike `print`, whose lines are part of the log, it writes the line and \
        nothing else. Lines that nobody takes off the output are dropped; no script waits for a reader.
        """
    ) { call in
        let generation = call.generation
        guard !generation.isLoading else { return .raise("nightjar.output is not available while the script is being loaded") }
        // What a spec says reaches nobody.
        guard generation.worker != nil else { return .none }
        let line = call.withBytes(0) { bytes -> String in
            var end = bytes.count
            if end > bytesMax {
                end = bytesMax
                while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
            }
            return String(decoding: bytes[..<end], as: UTF8.self)
        }
        generation.module(OutputAPI.self).write(line ?? "")
        return .none
    }
}
