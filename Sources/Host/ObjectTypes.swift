import Bytes
package import LuaRuntime
import Synchronization

/// Numbers of the object types that scripts hold. The host's own come first, in the order in which they stand here: every message
/// carries one, so they are constants for the compiler. Modules get theirs by asking, so that two modules cannot mean different
/// things by the same number.
package enum ObjectTypes {
    private enum Own: UInt8, CaseIterable { case connection, request }

    package static let connection = HostTypeID(Own.connection.rawValue)
    package static let request = HostTypeID(Own.request.rawValue)

    private static let taken = Lock(Own.allCases.map { "\($0)" })

    /// A number that nobody has, for the life of the process. Keep it in a `static let`. Any thread.
    ///
    /// Traps on a name that is taken, and on more types than a table holds: mistakes of the program.
    package static func register(_ name: String) -> HostTypeID {
        taken.withLock { names in
            precondition(!names.contains(name), "the object type \(name) is registered twice")
            names.append(name)
            return HostTypeID(UInt8(names.count - 1))
        }
    }
}
