import Bytes
import Host

/// Assembles `state` messages (docs/session-protocol.md) from slices that exist already.
enum StateMessage {
    /// Replaces the content of `bytes`.
    ///
    /// - Parameters:
    ///   - game: Canonical id and state of the running game, or nil.
    ///   - walletTail: See ``Denomination/walletTail``.
    ///   - userdata: A JSON object.
    static func write(
        into bytes: inout [UInt8], game: (id: String, state: [UInt8])?, credits: Int64, walletTail: [UInt8], userdata: [UInt8]
    ) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(text: "{\"t\":\"state\"")
        if let game {
            bytes.append(text: ",\"curr_game\":")
            bytes.append(jsonString: game.id)
            bytes.append(text: ",\"gamestate\":")
            bytes.append(contentsOf: game.state)
        }
        bytes.append(text: ",\"wallet\":{\"credits\":")
        bytes.append(decimal: credits)
        bytes.append(contentsOf: walletTail)
        bytes.append(text: ",\"userdata\":")
        bytes.append(contentsOf: userdata)
        bytes.append(text: "}")
    }
}

/// Messages about the engines, for pages under development: component `engine`.
enum EngineMessage {
    /// A new generation of the game answers from now on.
    static func reloaded(game: String, generation: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(text: "{\"t\":\"component\",\"which\":\"engine\",\"message\":{\"what\":\"reloaded\",\"game\":")
        bytes.append(jsonString: game)
        bytes.append(text: ",\"generation\":")
        bytes.append(decimal: Int64(clamping: generation))
        bytes.append(text: "}}")
        return bytes
    }

    /// What failed, which the page must not mix up: a version that did not even load, or the one that plays.
    enum Failure: String {
        /// A new version did not load; the last one goes on.
        case load
        /// As before, but no version has loaded yet.
        case firstLoad = "first_load"
        /// The version that plays failed in an action.
        case action
    }

    /// A save or an action failed; `text` names file and line. Development mode only.
    static func error(game: String, _ failure: Failure, text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(text: "{\"t\":\"component\",\"which\":\"engine\",\"message\":{\"what\":\"error\",\"game\":")
        bytes.append(jsonString: game)
        bytes.append(text: ",\"during\":")
        bytes.append(jsonString: failure.rawValue)
        bytes.append(text: ",\"text\":")
        bytes.append(jsonString: text)
        bytes.append(text: "}}")
        return bytes
    }
}
