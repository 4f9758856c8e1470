import Bytes
import LuaRuntime
import Store
import Synchronization

/// Which wallet each platform's users play from, as `Scripts/casino` has said last: also for users who are away. Any thread.
package final class WalletDirectory: Sendable {
    private struct Said {
        /// Nil: nobody has said anything yet.
        var kinds: [String: WalletKind]?
        /// There is nobody who could say anything.
        var isNobodyThere = false
    }

    private let said: Lock<Said>
    /// Platforms for which the server has the address of an operator's wallet.
    private let addressed: Set<String>

    /// - Parameters:
    ///   - isKnown: There are no platforms unless they are told.
    ///   - addressed: Platforms for which the server has the address of an operator's wallet.
    package init(isKnown: Bool = false, addressed: Set<String> = []) {
        said = Lock(isKnown ? Said(kinds: [:], isNobodyThere: true) : Said())
        self.addressed = addressed
    }

    /// A platform nobody has said anything about plays from the store, unless its operator has a wallet: money of a platform whose file
    /// is gone is still the operator's.
    func kind(of platform: String) -> WalletKind { said.withLock { kind(of: platform, $0) } }

    private func kind(of platform: String, _ said: Said) -> WalletKind {
        said.kinds?[platform] ?? (addressed.contains(platform) ? .remote : .stored)
    }

    /// Where a platform's credits are, if somebody has named it, or nobody could; nil: its file may be gone, and so nobody knows whose
    /// money that is.
    func named(_ platform: String) -> WalletKind? {
        said.withLock { said in
            if let kind = said.kinds?[platform] { return kind }
            return said.isNobodyThere ? kind(of: platform, said) : nil
        }
    }

    /// Has anybody said anything?
    var isKnown: Bool { said.withLock { $0.kinds != nil } }

    /// While it has not been said where which platform's credits are, a platform's accounts are not to be touched, or looked at, by
    /// others. A realm of a package's own is no platform of somebody else's.
    func problem(with account: AccountKey, asking package: String) -> StoreError? {
        guard !isKnown, account.realm != package else { return nil }
        return StoreError(.unavailable, "nobody has said yet where the credits of a platform's players are; the package casino does when it has loaded")
    }

    /// There is no package that could say so, and so there are no platforms.
    func noteNone() { said.withLock { if $0.kinds == nil { $0 = Said(kinds: [:], isNobodyThere: true) } } }

    /// Those that were told, sorted.
    var platforms: [String] { (said.withLock { $0.kinds } ?? [:]).keys.sorted() }

    func platforms(playingFrom kind: WalletKind) -> [String] { (said.withLock { $0.kinds } ?? [:]).filter { $0.value == kind }.keys.sorted() }

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
        said.withLock { $0 = Said(kinds: read) }
        return true
    }
}
