import Foundation

/// What a crash of the process leaves behind, and how long it takes.
///
/// Swift's runtime reads its settings for that (`SWIFT_BACKTRACE`) when a process begins, and by default looks up the names of
/// all functions of all threads: 8 to 11 s in which a supervisor cannot start the next server. With addresses alone it is over
/// in a twentieth of a second.
enum CrashReport {
    static let variable = "SWIFT_BACKTRACE"
    /// The addresses of the thread that crashed, and where the files with their names were loaded.
    static let settings = "threads=crashed,images=mentioned,registers=none,symbolicate=off,interactive=no,color=no"

    /// Begins the process anew with these settings, unless the operator has given others: same number, arguments and
    /// descriptors. Goes on without them if that is not possible. Before anything else is done.
    static func prepare() {
        guard getenv(variable) == nil, let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return }
        setenv(variable, settings, 1)
        var arguments: [UnsafeMutablePointer<CChar>?] = CommandLine.arguments.map { strdup($0) }
        arguments.append(nil)
        // Not by the link itself: the process would be called "exe".
        execv(program, &arguments)
    }
}
