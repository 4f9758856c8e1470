import Bytes

/// The body of an account's first entry in the journal: whose account it is. Everywhere else in the journal an account is a number
/// whose names stand in its head alone; here they are under the chain, so that who writes other names into a head, or another
/// user's id beside them, is found. Entries of earlier releases have none.
///
///     {"op":"open","realm":"demo","user":"ann","denom":"credit","user_id":"0c9d…"}
///
/// `user_id` is the id that the server has given the user of that realm; accounts that packages open for themselves have no such user.
enum OpeningBody {
    static func bytes(_ key: AccountKey, userID: StateID?) -> [UInt8] {
        var bytes = names(key)
        if let userID {
            bytes.append(text: idMember)
            bytes.append(contentsOf: userID.description.utf8)
            bytes.append(text: "\"")
        }
        bytes.append(text: "}")
        return bytes
    }

    /// What a body says of who an account is of.
    enum Verdict: Equatable {
        /// It has no names, as those of earlier releases.
        case silent
        /// It is of this account; with its user's id, if it has one.
        case fits(userID: StateID?)
        case differs
    }

    static func verdict(_ body: [UInt8], on key: AccountKey) -> Verdict {
        guard !body.isEmpty else { return .silent }
        let names = names(key)
        guard body.starts(with: names) else { return .differs }
        let rest = body[names.count...]
        if rest.elementsEqual("}".utf8) { return .fits(userID: nil) }
        let id = StateID(String(decoding: rest.dropFirst(idMember.utf8CodeUnitCount).dropLast(2), as: UTF8.self))
        guard let id, body == bytes(key, userID: id) else { return .differs }
        return .fits(userID: id)
    }

    private static let idMember: StaticString = ",\"user_id\":\""

    private static func names(_ key: AccountKey) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(text: "{\"op\":\"open\",\"realm\":")
        bytes.append(jsonString: key.realm)
        bytes.append(text: ",\"user\":")
        bytes.append(jsonString: key.user)
        bytes.append(text: ",\"denom\":")
        bytes.append(jsonString: key.denom)
        return bytes
    }
}
