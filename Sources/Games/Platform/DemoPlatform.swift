public import NIOCore
import Store

/// Anybody may play: every user id is accepted, the token is ignored. Without an id the user is new each time.
public struct DemoPlatform: Platform {
    public static let name = "demo"
    public var name: String { Self.name }

    public init() {}

    public func authenticate(
        _ credentials: PlatformCredentials, on loop: any EventLoop,
        _ done: @escaping @Sendable (Result<PlatformUser, PlatformRefusal>) -> Void
    ) {
        let uid = credentials.uid.isEmpty ? "demo-\(StateID.random())" : credentials.uid
        guard !uid.utf8.contains(0) else { return done(.failure(PlatformRefusal(detail: "the user id has a zero byte"))) }
        let profile = credentials.userInfo.isEmpty ? "{}" : String(decoding: credentials.userInfo, as: UTF8.self)
        guard profile.utf8.count <= StoreLimits.profileBytes else {
            return done(.failure(PlatformRefusal(detail: "the profile is larger than \(StoreLimits.profileBytes) bytes")))
        }
        done(.success(PlatformUser(uid: uid, profile: profile)))
    }
}
