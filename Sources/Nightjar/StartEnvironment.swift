import Foundation

/// What libraries read from the environment when a process begins, and never again: so a server that lacks it begins anew with it.
///
/// * `SWIFT_BACKTRACE`: what a crash leaves behind, and how long it takes. By default Swift's runtime looks up the names of all
///   functions of all threads: 8 to 11 s in which a supervisor cannot start the next server. With addresses alone it is over in a
///   twentieth of a second.
/// * `GLIBC_TUNABLES`: how many freed blocks of each size a thread keeps for itself. By default seven, which the answers of one turn to
///   some dozen sockets use up at once; then each further block takes the way through the shared lists. At most a kilobyte each,
///   hence at most 3 MB a thread.
enum StartEnvironment {
    static let settings = [
        // The addresses of the thread that crashed, and where the files with their names were loaded.
        ("SWIFT_BACKTRACE", "threads=crashed,images=mentioned,registers=none,symbolicate=off,interactive=no,color=no"),
        ("GLIBC_TUNABLES", "glibc.malloc.tcache_count=100"),
    ]

    /// Begins the process anew with the settings, but for those that the operator has given: same number, arguments and descriptors.
    /// Goes on without them if that is not possible, or if the first of them is there: then the process was begun anew, or whoever has
    /// begun it wants it as it is. The others cannot tell, for the C library takes some away from programs with privileges of their
    /// own. Before anything else is done.
    static func prepare() {
        guard getenv(settings[0].0) == nil, let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        else { return }
        for (name, value) in settings { setenv(name, value, 0) }
        var arguments: [UnsafeMutablePointer<CChar>?] = CommandLine.arguments.map { strdup($0) }
        arguments.append(nil)
        // Not by the link itself: the process would be called "exe".
        execv(program, &arguments)
    }
}
