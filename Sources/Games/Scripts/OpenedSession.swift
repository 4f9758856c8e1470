import LuaRuntime
import Store

/// A user whom the platform vouches for, and what the platform gives a session: the answer of `casino.open`.
struct OpenedSession: Sendable, Equatable {
    /// Not empty.
    var uid: String
    /// JSON object with what is known about the user.
    var profile: String
    /// Where the user's credits are.
    var wallet = WalletKind.stored
    /// Names of the components that the session can send messages to. Which of them answers is decided by Lua with every message; this is
    /// how things were when the session began.
    var components: Set<String> = []

    init(uid: String, profile: String, wallet: WalletKind = .stored, components: Set<String> = []) {
        self.uid = uid
        self.profile = profile
        self.wallet = wallet
        self.components = components
    }

    /// Reads `{uid, profile, wallet, components}`.
    ///
    /// - Returns: nil when something of it is of another type, missing, or too long for the store.
    init?(_ text: UnsafeRawBufferPointer) {
        guard let object = try? JSONObject(text), let uid = object["uid"]?.string, !uid.isEmpty, !uid.utf8.contains(0),
            uid.utf8.count <= StartRequest.nameBytesMax, let wallet = object["wallet"]?.string.flatMap({ WalletKind(rawValue: $0) }),
            let names = object["components"]?.elements
        else { return nil }
        let components = names.compactMap(\.string)
        let profile = object["profile"].flatMap { $0.kind == .object ? String(decoding: $0.bytes, as: UTF8.self) : nil } ?? "{}"
        guard components.count == names.count, profile.utf8.count <= StoreLimits.profileBytes else { return nil }
        self.init(uid: uid, profile: profile, wallet: wallet, components: Set(components))
    }
}
