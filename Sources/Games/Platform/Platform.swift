public import NIOCore

/// Where users come from: checks who they are (webingo protocol, section 12).
public protocol Platform: Sendable {
    /// What the start message's `platform` says; also the realm of its users in the store.
    var name: String { get }

    /// Checks a user. Called on `loop`, which must not be blocked; `done` is called exactly once, on `loop`.
    func authenticate(
        _ credentials: PlatformCredentials, on loop: any EventLoop,
        _ done: @escaping @Sendable (Result<PlatformUser, PlatformRefusal>) -> Void)
}

/// What a client says about itself.
public struct PlatformCredentials: Sendable {
    /// User id at the platform, perhaps empty.
    public var uid: String
    /// Third-party token, perhaps empty.
    public var token: String
    /// The platform's profile object as JSON text, perhaps empty.
    public var userInfo: [UInt8]
}

/// A user whom the platform vouches for.
public struct PlatformUser: Sendable, Equatable {
    /// Not empty.
    public var uid: String
    /// JSON object with what is known about the user.
    public var profile: String

    public init(uid: String, profile: String) {
        self.uid = uid
        self.profile = profile
    }
}

/// The platform does not vouch for the user; the client hears `auth_failed`.
public struct PlatformRefusal: Error, Sendable {
    /// For the log.
    public var detail: String

    public init(detail: String) { self.detail = detail }
}
