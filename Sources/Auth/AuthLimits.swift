/// The bounds of everything this target reads or keeps.
public enum AuthLimits {
    /// Bytes of a token that is verified. Those of platforms have some hundred; servers take headers of 8 KiB.
    public static let tokenBytes = 8 << 10
    /// Bytes of the claims of a token that is signed: as base64 they fit into `tokenBytes` with head and signature.
    public static let claimsBytes = 5 << 10
    /// Bytes of a key at least. Whoever has a single token can try all shorter ones at home.
    public static let keyBytesMin = 16
    /// Public keys of one signer, and their bytes: a new one and some old ones, of up to 8192 bits.
    public static let publicKeys = 8
    public static let publicKeyBytes = 32 << 10
    /// Bytes of a code that a browser brings. Those of Twitch have 30.
    public static let codeBytes = 2 << 10
    /// Bytes of a user's token of Facebook, which becomes part of an address. They have some hundred, and no promise of a bound.
    public static let facebookTokenBytes = 2 << 10
    /// Bytes of an answer of a platform; tokens and claims have a few hundred.
    public static let answerBytes = 64 << 10
    /// Bytes of a subject, of a picture's address and of a name.
    public static let subjectBytes = 256
    public static let pictureBytes = 2 << 10
    public static let nameBytes = 256
    /// Milliseconds before its end at which an access token is not used any more: a request with it takes a while, and the
    /// platform's clock is another one.
    public static let renewalMargin: Int64 = 60_000
    /// Milliseconds an access token is used at most, whatever the platform says: a day, so that one that was revoked elsewhere
    /// does not stay for months.
    public static let accessTokenMax: Int64 = 86_400_000
    /// Milliseconds after a failure in which nobody asks the platform again: a service that is away is not asked for every run.
    public static let failurePause: Int64 = 5_000
    /// Bytes of a key and a value of a pending login.
    public static let pendingKeyBytes = 256
    public static let pendingValueBytes = 16 << 10
    /// Subjects of a book of tokens. Each is some hundred bytes of memory, so these are tens of megabytes.
    public static let subjects = 100_000
    /// Bytes of the data beside a token: a name, a picture's address, some settings.
    public static let dataBytes = 4 << 10
    /// Changes of a book that wait for the store. Each is a login or somebody's setting; a storm of them is refused.
    public static let waitingChanges = 1_000
}
