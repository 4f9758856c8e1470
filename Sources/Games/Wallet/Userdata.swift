import Store

/// The player's own data on a site (webingo protocol, section 4.4): a JSON object as text. What may stand in it is decided by
/// `Scripts/casino/userdata.lua`.
enum Userdata {
    /// All of a user's data on one site, bytes of JSON text.
    static let bytesMax = StoreLimits.userdataBytes
    static let empty = Array("{}".utf8)
}
