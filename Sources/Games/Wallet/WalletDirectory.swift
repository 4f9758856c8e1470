import Bytes
import LuaRuntime
import Store
import Synchronization

/// Which wallet each platform's users play from, as `Scripts/casino` has said last: also for users who are away. Any thread.
package final class WalletDirectory: Sendable {
    /// Nil: nobody has said anything yet.
    private let kinds: Lock<[String: WalletKind]?>

    /// - Parameter isKnown: There are no platforms unless they are told.
    package init(isKnown: Bool = false) { kinds = Lock(isKnown ? [:] : nil) }

    /// A platform nobody has said anything about plays from the store.
    func kind(of platform: String) -> WalletKind { kinds.withLock { $0?[platform] } ?? .stored }

    /// Has anybody said anything?
    var isKnown: Bool { kinds.withLock { $0 != nil } }

    /// While it has not been said where which platform's credits are, a platform's accounts are not to be touched, or looked at, by
    /// others. A realm of a package's own is no platform of somebody else's.
    func problem(with account: AccountKey, asking package: String) -> StoreError? {
        guard !isKnown, account.realm != package else { return nil }
        return StoreError(.unavailable, "nobody has said yet where the credits of a platform's players are; the package casino does when it has loaded")
    }

    /// There is no package that could say so, and so there are no platforms.
    func noteNone() { kinds.withLock { $0 = $0 ?? [:] } }

    /// Those that were told, sorted.
    var platforms: [String] { (kinds.withLock { $0 } ?? [:]).keys.sorted() }

    func platforms(playingFrom kind: WalletKind) -> [String] { (kinds.withLock { $0 } ?? [:]).filter { $0.value == kind }.keys.sorted() }

    /// Takes over a description: `{"demo": "stored", "token": "remote"}`.
    ///
    /// - Returns: False, and nothing is changed, if it is none.
    func replace(_ text: [UInt8]) -> Bool {
        let read = text.withUnsafeBytes { bytes -> [String: WalletKind]? in
            guard let object = try? JSONObject(bytes) else { return nil }
            var kinds: [String: WalletKind] = [:]
            for index in 0..<object.count {
                let (platform, value) = object.member(at: index)
                guard let kind = value.string.flatMap({ WalletKind(rawValue: $0) }) else { return nil }
                kinds[platform] = kind
            }
            return kinds
        }
        guard let read else { return false }
        kinds.withLock { $0 = read }
        return true
    }
}
