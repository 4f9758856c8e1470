import LuaRuntime

/// Numbers of the object types, the same in every table.
enum ObjectTypes {
    static let connection = HostTypeID(0)
    static let request = HostTypeID(1)
    static let room = HostTypeID(2)
    static let timer = HostTypeID(3)
}
