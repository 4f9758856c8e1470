import Foundation

/// What the operating system tells about this process, and how it ends.
enum Process {
    static var environment: [String: String] { ProcessInfo.processInfo.environment }

    /// Prints `message` on standard error as the last word.
    static func complain(_ message: String) {
        FileHandle.standardError.write(Data("nightjar: \(message)\n".utf8))
    }
}
