import Bytes
import LuaRuntime
import Store

/// The player's own data on a site (docs/session-protocol.md): a JSON object as text. What may stand in it is decided by
/// `Scripts/casino/userdata.lua`.
enum Userdata {
    /// All of a user's data on one site, bytes of JSON text.
    static let bytesMax = StoreLimits.userdataBytes
    static let empty = Array("{}".utf8)

    /// The data without the keys that are the server's own, as they are stored.
    static func bare(_ data: [UInt8]) -> [UInt8] {
        data.withUnsafeBytes { text in
            guard let object = try? JSONObject(text) else { return data }
            let names = (0..<object.count).map { object.member(at: $0).name }
            guard names.contains(where: LevelCurve.keys.contains) else { return data }
            var bytes = Array("{".utf8)
            for (index, name) in names.enumerated() where !LevelCurve.keys.contains(name) {
                if bytes.count > 1 { bytes.append(text: ",") }
                bytes.append(contentsOf: object.nameText(at: index))
                bytes.append(text: ":")
                bytes.append(contentsOf: object.member(at: index).value.bytes)
            }
            bytes.append(text: "}")
            return bytes
        }
    }

    /// The data with the level of who has spent so much.
    ///
    /// - Parameter data: As from ``bare(_:)``.
    static func with(_ levels: LevelCurve, spent: Int64, _ data: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(data.count + 128)
        bytes.append(contentsOf: data.dropLast())
        // The texts are the codec's own, which writes no spaces, or a store's of earlier releases.
        if bytes.contains(UInt8(ascii: ":")) { bytes.append(text: ",") }
        levels.append(spent: spent, to: &bytes)
        bytes.append(text: "}")
        return bytes
    }
}
