import Logging
import Store

/// Asks the operator's wallet for one user, and has the log hear of it. Loop-bound to the user's home.
final class WalletDesk {
    enum Way {
        case stakes
        /// The same wallet, by a way on which no stake waits.
        case tokens
    }

    private let user: UserKey
    private unowned let loop: CasinoLoop
    private let link: any WalletLink
    private let door: any WalletLink

    /// Attempts of questions while the player waits.
    static let askingMax = 2

    init(of user: UserKey, on loop: CasinoLoop) {
        self.user = user
        self.loop = loop
        link = loop.wallets.link(user.realm, for: .stakes)
        door = loop.wallets.link(user.realm, for: .tokens)
    }

    func ask(_ call: WalletCall, by way: Way = .stakes, attempts: Int = 1, _ done: @escaping (WalletAnswer) -> Void) {
        (way == .stakes ? link : door).send(call) { answer in
            self.log(answer, to: call)
            if case .unknown = answer, attempts > 1 { return self.ask(call, by: way, attempts: attempts - 1, done) }
            done(answer)
        }
    }

    func holder(_ site: Site) -> WalletCall.Holder {
        // The site may be that of a session's start.
        WalletCall.Holder(player: user.user, currency: loop.currency(of: site.denomination.name, at: site.id) ?? site.denomination.rgsID)
    }

    func holder(at place: GameKey, _ denom: String) -> WalletCall.Holder {
        WalletCall.Holder(player: user.user, currency: loop.currency(of: denom, at: place.site) ?? denom)
    }

    func log(_ level: Logger.Level, _ text: Logger.Message, _ more: Logger.Metadata = [:]) {
        loop.shared.logger.log(level: level, text, metadata: more.merging(["platform": "\(user.realm)", "user": "\(user.user)"]) { a, _ in a })
    }

    private func log(_ answer: WalletAnswer, to call: WalletCall) {
        switch answer {
        case .accepted: break
        case .refused(let refusal):
            // What a player lacks or may not do is no news; what this server said wrongly is.
            let level: Logger.Level =
                switch refusal.code {
                case .insufficientFunds, .authFailed, .blocked, .limitReached: .debug
                default: .error
                }
            log(level, "the wallet refused a call", [
                "call": "\(call.name.rawValue)", "id": "\(call.id)", "code": "\(refusal.code.rawValue)", "detail": "\(refusal.detail)",
            ])
        case .unknown(let why):
            log(.warning, "the wallet has not answered", ["call": "\(call.name.rawValue)", "id": "\(call.id)", "why": "\(why)"])
        }
    }
}
