import AsyncHTTPClient
import Logging
import NIOCore
import Store

/// The operators' wallets as one loop of the casino reaches them. Loop-bound.
///
/// The first loop has the couriers besides, one for each platform, and sees at the start to what a former process has left.
final class LoopWallets {
    /// What a wallet is asked for, each over connections of its own: neither payments that it lets hang nor tokens that anybody may
    /// make up take one from the stakes.
    enum Purpose { case stakes, tokens, payments }

    private struct Way: Hashable {
        let platform: String
        let purpose: Purpose
    }

    private unowned let loop: CasinoLoop
    private var links: [Way: any WalletLink] = [:]
    private var couriers: [String: WalletCourier] = [:]
    private var clients: [Purpose: HTTPClient] = [:]
    /// For tests.
    private var replaced: [String: any WalletLink] = [:]

    /// Notes that are looked up at a start. Each is of a player whose stake was under way when the server ended, and the
    /// wallets take 64 a loop at a time.
    private static let notesMax = StoreLimits.rowsPerRead

    init(on loop: CasinoLoop) { self.loop = loop }

    /// The way to a platform's wallet.
    func link(_ platform: String, for purpose: Purpose) -> any WalletLink {
        let way = Way(platform: platform, purpose: purpose)
        if let link = replaced[platform] ?? links[way] { return link }
        let link: any WalletLink
        if let settings = loop.shared.configuration.wallets[platform] {
            let client = clients[purpose] ?? HTTPWalletLink.client(on: loop.eventLoop)
            clients[purpose] = client
            link = HTTPWalletLink(settings, client: client, on: loop.eventLoop, wallClock: loop.shared.wallClock)
        } else {
            link = MissingWalletLink(platform: platform, on: loop.eventLoop)
        }
        links[way] = link
        return link
    }

    /// For tests: another way to a platform's wallet, before it is asked for.
    func use(_ link: any WalletLink, for platform: String) { replaced[platform] = link }

    // MARK: On the first loop

    /// Sends what is owed since before, and has each home mend the stakes that were under way.
    func begin() {
        for platform in loop.shared.configuration.wallets.keys { courier(platform)?.begin() }
        let shared = loop.shared
        shared.keys.sortedRange(
            WalletNote.index, SortedRange(.rank(from: 0, through: -1), limit: Self.notesMax), on: loop.eventLoop,
            loop.eventLoop.back { result in
                switch result {
                case .success(let members): for member in members { self.mend(member.member) }
                case .failure(let error):
                    shared.logger.error("stakes that were under way are mended when their players come", metadata: ["error": "\(error)"])
                }
            })
    }

    private func mend(_ name: String) {
        loop.shared.keys.get(WalletNote.key(name), on: loop.eventLoop, loop.eventLoop.back { result in
            guard let value = (try? result.get()) ?? nil, let note = WalletNote(value.bytes) else { return }
            let user = UserKey(realm: note.account.realm, user: note.account.user)
            self.loop.send(.mend(user, denom: note.account.denom), to: user.home(among: self.loop.shared.loopCount))
        })
    }

    /// Something is owed to a platform's wallet.
    func wake(_ platform: String) { courier(platform)?.wake() }

    private func courier(_ platform: String) -> WalletCourier? {
        if let courier = couriers[platform] { return courier }
        guard let outbox = loop.shared.outbox else { return nil }
        let courier = WalletCourier(of: platform, over: link(platform, for: .payments), outbox: outbox, on: loop)
        couriers[platform] = courier
        return courier
    }

    // MARK: The end

    /// Sends nothing more. The clients are to be shut down then, by whoever may wait.
    func end() -> [HTTPClient] {
        for courier in couriers.values { courier.end() }
        defer { clients = [:] }
        return Array(clients.values)
    }
}
