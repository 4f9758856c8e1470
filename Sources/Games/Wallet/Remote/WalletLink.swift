import NIOCore

/// The way to one operator's wallet, as the casino needs it: so that its rules can be tested without sockets. Loop-bound.
protocol WalletLink: AnyObject {
    /// Makes one attempt, and answers once, within ``WalletSettings/timeout``, in a later turn of the loop.
    func send(_ call: WalletCall, _ done: @escaping (WalletAnswer) -> Void)
}

/// Of a platform whose wallet nobody has configured: everything is unknown.
final class MissingWalletLink: WalletLink {
    private let platform: String
    private let loop: any EventLoop

    init(platform: String, on loop: any EventLoop) {
        self.platform = platform
        self.loop = loop
    }

    func send(_ call: WalletCall, _ done: @escaping (WalletAnswer) -> Void) {
        let back = loop.back(done)
        let answer = WalletAnswer.unknown("config.json has no address for it: set \"wallets\": {\"\(platform)\": {\"url\": …, \"secret\": …}}")
        loop.execute { back(answer) }
    }
}
