import Bytes
package import LuaRuntime
import Synchronization

/// Numbers of the object types that scripts hold. The host's own two are fixed, since every message carries one; modules
/// get theirs by asking, so that two modules cannot mean different things by the same number.
package enum ObjectTypes {
    package static let connection = HostTypeID(0)
    package static let request = HostTypeID(1)

    private static let taken = Lock(["connection", "request"])

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
