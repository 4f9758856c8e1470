import Bytes
import LuaRuntime
import Store

/// The stored form of a game state: JSON whose first member is the id, at a fixed length, so that it can be cut off before
/// the engine sees the state and put on afterwards without building anything. What the engine keeps to itself, the member
/// `private`, lies apart from it, so that whoever sends a state cannot send that. Any thread.
package enum StateBlob {
    /// `{"id":"` and 36 characters and `",`.
    package static let prefixBytes = 45
    /// Largest state, its hidden half included. All else of it is sent with every message, so it should be a few KiB.
    package static let bytesMax = 256 << 10
    /// Most actions a state may offer.
    static let actionsMax = 64

    /// What an engine has returned, taken apart.
    struct Halves {
        /// With its id, as it is sent.
        let blob: [UInt8]
        /// What stays here; empty if there is none.
        let hidden: [UInt8]
    }

    /// Why a state cannot be used.
    struct Problem: Error {
        let text: String
    }

    /// Checks an engine's state, takes its member `private` out, and puts the id before the rest.
    static func halves(_ id: StateID, _ state: UnsafeRawBufferPointer) throws(Problem) -> Halves {
        guard state.count <= bytesMax else { throw Problem(text: "the state is larger than \(bytesMax) bytes") }
        let object: JSONObject
        do { object = try JSONObject(state) } catch { throw Problem(text: "the state must be a table with the fields name, data and actions") }
        if let text = fault(object) { throw Problem(text: text) }
        guard let own = object["private"] else { return Halves(blob: stamped(id, state), hidden: []) }
        // JSON's null is no private half, and none of the state's data either.
        guard own.kind == .object || own.kind == .null else { throw Problem(text: "the state's field private must be a table with named fields") }
        var rest: [UInt8] = [UInt8(ascii: "{")]
        rest.reserveCapacity(state.count)
        for index in 0..<object.count {
            let (name, value) = object.member(at: index)
            if name == "private" { continue }
            if rest.count > 1 { rest.append(UInt8(ascii: ",")) }
            rest.append(contentsOf: object.nameText(at: index))
            rest.append(UInt8(ascii: ":"))
            rest.append(contentsOf: value.bytes)
        }
        rest.append(UInt8(ascii: "}"))
        return Halves(blob: rest.withUnsafeBytes { stamped(id, $0) }, hidden: own.kind == .null ? [] : [UInt8](own.bytes))
    }

    /// Puts the id before an engine's state, a JSON object that is not empty.
    static func stamped(_ id: StateID, _ state: UnsafeRawBufferPointer) -> [UInt8] {
        var blob: [UInt8] = []
        blob.reserveCapacity(prefixBytes + state.count)
        blob.append(text: "{\"id\":\"")
        blob.append(id)
        blob.append(text: "\",")
        blob.append(contentsOf: UnsafeRawBufferPointer(rebasing: state.dropFirst()))
        return blob
    }

    /// The engine's state, both halves without the id, in `scratch`.
    static func unstamped(_ blob: [UInt8], hidden: [UInt8] = [], into scratch: inout [UInt8]) {
        scratch.removeAll(keepingCapacity: true)
        guard blob.count > prefixBytes else { return }
        scratch.append(UInt8(ascii: "{"))
        scratch.append(contentsOf: blob[prefixBytes...])
        guard !hidden.isEmpty else { return }
        scratch.removeLast()
        scratch.append(text: ",\"private\":")
        scratch.append(contentsOf: hidden)
        scratch.append(UInt8(ascii: "}"))
    }

    /// What is wrong with an engine's state, or nil.
    private static func fault(_ object: JSONObject) -> String? {
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

    /// The state's name, and the names of the actions that it offers.
    static func offered(in blob: [UInt8]) -> (name: String, actions: [String]) {
        blob.withUnsafeBytes { bytes in
            guard let object = try? JSONObject(bytes) else { return ("", []) }
            return (object["name"]?.string ?? "", object["actions"]?.elements?.compactMap(\.string) ?? [])
        }
    }

    /// Does the state offer the action?
    ///
    /// Every action asks. Members are sorted, so the list is nearly always the first one behind the id, and the rest of the state, which
    /// was looked at when it was made, is not scanned once more.
    package static func offers(_ action: String, in blob: [UInt8]) -> Bool {
        blob.withUnsafeBytes { bytes in
            guard let actions = JSONValue(memberAt: prefixBytes, named: "actions", of: bytes) ?? (try? JSONObject(bytes))?["actions"]
            else { return false }
            var action = action
            return action.withUTF8 { wanted in
                var isOffered = false
                _ = actions.forEachElement { if $0.isString(UnsafeRawBufferPointer(wanted)) { isOffered = true } }
                return isOffered
            }
        }
    }
}
