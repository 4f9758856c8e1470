/// Where a user's credits are; the platform says it (`Scripts/casino/platforms`).
public enum WalletKind: String, Sendable, CaseIterable {
    /// In the server's store.
    case stored
    /// In memory, gone with the process.
    case memory
    /// In the operator's own wallet, over HTTP.
    case remote
}
