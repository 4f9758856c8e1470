/// Names of games as players' clients write them.
package enum GameName {
    /// The form under which names are compared: `-` and `_` are the same (docs/session-protocol.md).
    package static func folded(_ name: String) -> String {
        var folded = name
        folded.unicodeScalars.removeAll()
        for scalar in name.unicodeScalars { folded.unicodeScalars.append(scalar == "-" ? "_" : scalar) }
        return folded
    }
}
