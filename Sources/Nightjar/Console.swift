import Foundation
import Synchronization

/// Standard output and error of a command. A reader that has gone away (`nightjar check | head -1`) or does not read is no
/// reason to crash or to wait: what a command says then is lost, its exit status stays. A disk that is full is one: whoever
/// kept the output in a file would take half of it for all.
enum Console {
    /// How long the output may not take anything before the rest is given up, milliseconds.
    private static let patienceMilliseconds: Int32 = 1_000

    /// Why what was said on standard output could not be kept: `errno`; 0: it was, or its reader did not want it.
    static var lost: CInt { unkept.load(ordering: .relaxed) }
    private static let unkept = Atomic<CInt>(0)

    static var environment: [String: String] { ProcessInfo.processInfo.environment }

    /// Lets writes to closed pipes fail instead of ending the process, keeps SIGUSR1 (which the server takes for its log file)
    /// from ending it, and takes up descriptors that were not given: else the
    /// store could get one of them, and the log be written into it. Once, before anything else.
    static func prepare() {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGUSR1, SIG_IGN)
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_RDONLY : O_WRONLY)
        }
    }

    /// Prints a line on standard output.
    static func say(_ line: String) { write(line + "\n", STDOUT_FILENO) }

    /// Prints `message` on standard error as the last word.
    static func complain(_ message: String) { write("nightjar: \(message)\n", STDERR_FILENO) }

    /// Writes on standard error what a person may want to see meanwhile, as it is.
    static func note(_ text: String) { write(text, STDERR_FILENO) }

    private static func write(_ text: String, _ descriptor: CInt) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)[...]
            while !rest.isEmpty {
                var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                let ready = poll(&entry, 1, patienceMilliseconds)
                if ready < 0 && errno == EINTR { continue }
                guard ready > 0 else { return }
                // As many bytes as a pipe takes without waiting.
                let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Int(PIPE_BUF)))
                let written = Glibc.write(descriptor, piece.baseAddress, piece.count)
                if written > 0 {
                    rest = rest.dropFirst(written)
                } else if errno != EINTR && errno != EAGAIN {
                    if descriptor == STDOUT_FILENO && errno != EPIPE { unkept.store(errno, ordering: .relaxed) }
                    return
                }
            }
        }
    }
}

/// A command cannot go on: what is wrong and what to do, in one line, and the exit status.
struct CommandFailure: Error, CustomStringConvertible {
    /// Stable code.
    let code: String
    let description: String
    var status: Int32 = 1
}
