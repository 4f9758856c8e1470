import Host
import LuaRuntime
import Store

/// The player's own data on a site (webingo protocol, section 4.4): a JSON object as text.
enum Userdata {
    /// All of a user's data on one site, bytes of JSON text.
    static let bytesMax = StoreLimits.userdataBytes
    /// Keys only the server writes; a client's values for them are ignored.
    static let serverOwned: Set<String> = ["soc_level", "soc_level_progress", "soc_level_prog", "spend_total"]
    static let empty = Array("{}".utf8)

    /// What a component wants the data to be, with the server's own keys as they are now.
    ///
    /// - Returns: The new text, or why it cannot be.
    static func replaced(_ current: [UInt8], _ wanted: [UInt8]) -> Result<[UInt8], UserdataRefusal> {
        merge(empty, wanted, deletesNull: false) { !serverOwned.contains($0) }
            .flatMap { merge($0, current, deletesNull: false) { serverOwned.contains($0) } }
    }

    /// The data with the mark of the very first session, or without it.
    static func markingFirstSession(_ current: [UInt8], _ isFirst: Bool) -> [UInt8] {
        let patch = Array((isFirst ? "{\"first_time\":true}" : "{\"first_time\":null}").utf8)
        guard case .success(let marked) = merge(current, patch, deletesNull: true, { _ in true }) else { return current }
        return marked
    }

    /// Does the mark of the very first session stand?
    static func isMarkedFirst(_ current: [UInt8]) -> Bool {
        current.withUnsafeBytes { (try? JSONObject($0))?["first_time"] != nil }
    }

    private static func merge(
        _ current: [UInt8], _ values: [UInt8], deletesNull: Bool, _ isTaken: (String) -> Bool
    ) -> Result<[UInt8], UserdataRefusal> {
        current.withUnsafeBytes { base in
            values.withUnsafeBytes { patch -> Result<[UInt8], UserdataRefusal> in
                guard let base = try? JSONObject(base) else { return .failure(UserdataRefusal(detail: "the stored data are damaged")) }
                guard let patch = try? JSONObject(patch) else {
                    return .failure(UserdataRefusal(detail: "the data must be an object with at most \(JSONObject.membersMax) members"))
                }
                let merged = JSONMerge.overlay(base, patch, deletesNull: deletesNull, isTaken: isTaken)
                guard merged.count <= bytesMax else {
                    return .failure(UserdataRefusal(detail: "the data would be larger than \(bytesMax) bytes"))
                }
                guard merged.withUnsafeBytes({ (try? JSONObject($0)) != nil }) else {
                    return .failure(UserdataRefusal(detail: "the data would have more than \(JSONObject.membersMax) members"))
                }
                return .success(merged)
            }
        }
    }
}

/// Why data were not merged; the client hears `component_error`.
struct UserdataRefusal: Error, Equatable {
    var detail: String
}
