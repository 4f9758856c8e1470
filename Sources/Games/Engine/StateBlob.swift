import Bytes
import LuaRuntime
import Store

/// The stored form of a game state: JSON whose first member is the id, at a fixed length, so that it can be cut off before
/// the engine sees the state and put on afterwards without building anything. Any thread.
package enum StateBlob {
    /// `{"id":"` and 36 characters and `",`.
    package static let prefixBytes = 45
    /// Largest state. Everything of it is sent with every message, so it should be a few KiB.
    package static let bytesMax = 256 << 10
    /// Most actions a state may offer.
    static let actionsMax = 64

    /// Puts the id before an engine's state, a JSON object that is not empty.
    static func stamped(_ id: StateID, _ state: UnsafeRawBufferPointer) -> [UInt8] {
        var blob: [UInt8] = []
        blob.reserveCapacity(prefixBytes + state.count)
        blob.append(text: "{\"id\":\"")
        blob.append(contentsOf: id.description.utf8)
        blob.append(text: "\",")
        blob.append(contentsOf: UnsafeRawBufferPointer(rebasing: state.dropFirst()))
        return blob
    }

    /// The engine's state: the blob without its id, in `scratch`.
    static func unstamped(_ blob: [UInt8], into scratch: inout [UInt8]) {
        scratch.removeAll(keepingCapacity: true)
        guard blob.count > prefixBytes else { return }
        scratch.append(UInt8(ascii: "{"))
        scratch.append(contentsOf: blob[prefixBytes...])
    }

    /// What is wrong with an engine's state, or nil.
    static func fault(_ state: UnsafeRawBufferPointer) -> String? {
        guard state.count <= bytesMax else { return "the state is larger than \(bytesMax) bytes" }
        let object: JSONObject
        do { object = try JSONObject(state) } catch { return "the state must be a table with the fields name, data and actions" }
        guard object["id"] == nil else { return "the state must not have a field id: the server gives each state its own" }
        guard object["name"]?.kind == .string else { return "the state's field name must be a string" }
        guard object["data"]?.kind == .object else { return "the state's field data must be a table with named fields" }
        guard let actions = object["actions"] else { return "the state's field actions is missing" }
        if actions.kind == .object, actions.object?.count == 0 {
            return "the state's field actions is an empty table: write json.array() for no actions"
        }
        var count = 0
        var areNames = true
        let isList = actions.forEachElement {
            count += 1
            if $0.kind != .string { areNames = false }
        }
        guard isList, areNames, count <= actionsMax else {
            return "the state's field actions must be a list of at most \(actionsMax) names"
        }
        return nil
    }

    /// Does the state offer the action?
    package static func offers(_ action: String, in blob: [UInt8]) -> Bool {
        blob.withUnsafeBytes { bytes in
            guard let actions = (try? JSONObject(bytes))?["actions"] else { return false }
            var action = action
            return action.withUTF8 { wanted in
                var isOffered = false
                _ = actions.forEachElement { if $0.isString(UnsafeRawBufferPointer(wanted)) { isOffered = true } }
                return isOffered
            }
        }
    }
}
