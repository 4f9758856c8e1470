import Logging
import NIOCore
import Host
import Store

/// Brings what is owed to one operator's wallet from the outbox until it is accepted: wins, and rollbacks. At least once each,
/// with the id it has; the wallet knows what it had before.
///
/// Of one player one call at a time, in the order in which they were owed; of different players many. What is not accepted is
/// tried again after growing pauses, and holds up nobody else.
///
/// Loop-bound; there is one for each platform, on the casino's first loop.
final class WalletCourier {
    private let platform: String
    private let link: any WalletLink
    private let outbox: any Outbox
    private unowned let loop: CasinoLoop
    /// Items that are being told, or were in vain and have their pause because the store could not note it.
    private var underWay: Set<Int64> = []
    /// Players of whom something is being told: as many as there are calls.
    private var busy: Set<AccountKey> = []
    private var isReading = false
    /// Something was owed while the outbox was being read.
    private var isStale = false
    /// Something has to wait for the answer to another call.
    private var hasMore = false
    private var isEnded = false
    /// When what was put off is due.
    private var looks = DueList<Void>()
    /// For the first of these.
    private var nextLook: (time: NIODeadline, timer: Scheduled<Void>)?

    /// Calls to one wallet at the same time, over as many connections of their own, so that no stake waits for them.
    private static let callsMax = 64
    /// Items of one look.
    private static let readMax = 256
    /// Between two looks nobody asked for: for what a former process has put off, whose times only the store knows. What this one puts
    /// off has its own.
    private static let lookInterval = TimeAmount.seconds(5)

    init(of platform: String, over link: any WalletLink, outbox: any Outbox, on loop: CasinoLoop) {
        self.platform = platform
        self.link = link
        self.outbox = outbox
        self.loop = loop
    }

    /// Begins with what was owed before.
    func begin() {
        wake()
        loop.eventLoop.assumeIsolated().scheduleTask(in: Self.lookInterval) { [weak self] in
            guard let self, !self.isEnded else { return }
            self.begin()
        }
    }

    /// Sends nothing more; what is owed stays so.
    func end() { isEnded = true }

    /// Something is owed.
    func wake() {
        guard !isEnded else { return }
        guard !isReading else { return isStale = true }
        isReading = true
        isStale = false
        hasMore = false
        outbox.pending(
            topic: OwedCall.topic(platform), limit: Self.readMax, now: loop.now(), on: loop.eventLoop,
            loop.eventLoop.back { result in
                self.isReading = false
                switch result {
                case .success(let entries): for entry in entries { self.send(entry) }
                case .failure(let error):
                    self.loop.shared.logger.error("what is owed cannot be read", metadata: ["platform": "\(self.platform)", "error": "\(error)"])
                    self.wake(in: Self.pause(after: 0))
                }
                if self.isStale { self.wake() }
            })
    }

    private func send(_ entry: OutboxEntry) {
        guard !isEnded, !underWay.contains(entry.id) else { return }
        guard busy.count < Self.callsMax else { return hasMore = true }
        guard let owed = OwedCall(entry) else {
            loop.shared.logger.error("an item of the outbox cannot be read", metadata: ["platform": "\(platform)", "key": "\(entry.key)"])
            underWay.insert(entry.id)
            return postpone(entry) { self.free(entry, isNoted: $0) }
        }
        guard busy.insert(owed.account).inserted else { return hasMore = true }
        underWay.insert(entry.id)
        link.send(owed.call) { self.answered($0, owed, entry) }
    }

    private func answered(_ answer: WalletAnswer, _ owed: OwedCall, _ entry: OutboxEntry) {
        let isPaid = if case .accepted = answer { true } else { false }
        if !isPaid { log(answer, owed, entry) }
        let told = { (isNoted: Bool) in
            self.free(entry, isNoted: isNoted)
            self.busy.remove(owed.account)
            let user = UserKey(realm: owed.account.realm, user: owed.account.user)
            self.loop.send(.walletTold(user, denom: owed.account.denom, id: owed.call.id, isPaid: isPaid), to: user.home(among: self.loop.shared.loopCount))
            if self.hasMore { self.wake() }
        }
        guard isPaid else { return postpone(entry, told) }
        outbox.accept([entry.id], on: loop.eventLoop, loop.eventLoop.back { result in
            if case .failure(let error) = result {
                // It is told again, which changes nothing.
                self.loop.shared.logger.error("what was paid is still in the outbox", metadata: ["key": "\(entry.key)", "error": "\(error)"])
            }
            told((try? result.get()) != nil)
        })
    }

    /// - Parameter done: Hears whether the outbox has it, when that is known: before, every look would find the item due.
    private func postpone(_ entry: OutboxEntry, _ done: @escaping (_ isNoted: Bool) -> Void) {
        let pause = Self.pause(after: entry.attempts)
        outbox.postpone(entry.id, until: loop.now() + pause, on: loop.eventLoop, loop.eventLoop.back { result in
            if case .failure(let error) = result {
                self.loop.shared.logger.error("it is not noted that a call is put off", metadata: ["key": "\(entry.key)", "error": "\(error)"])
            }
            done((try? result.get()) != nil)
            self.wake(in: pause)
        })
    }

    /// The item may be sent again. If the store could not note what became of it, every look still finds it due: it has its pause here.
    private func free(_ entry: OutboxEntry, isNoted: Bool) {
        if isNoted {
            underWay.remove(entry.id)
            return
        }
        loop.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Self.pause(after: entry.attempts))) { [weak self] in
            self?.underWay.remove(entry.id)
            self?.wake()
        }
    }

    private func wake(in milliseconds: Int64) {
        looks.add((), at: loop.eventLoop.now + .milliseconds(milliseconds))
        scheduleLook()
    }

    /// One timer, for what is due first: thousands of items may have been put off.
    private func scheduleLook() {
        guard let first = looks.first, nextLook.map({ first < $0.time }) ?? true else { return }
        nextLook?.timer.cancel()
        let timer = loop.eventLoop.assumeIsolated().scheduleTask(deadline: first) { [weak self] in
            guard let self else { return }
            nextLook = nil
            while looks.takeDue(at: loop.eventLoop.now) != nil {}
            wake()
            scheduleLook()
        }
        nextLook = (first, timer)
    }

    /// Milliseconds until the next attempt: 1 s, twice as long each time, 5 min at most.
    static func pause(after attempts: Int64) -> Int64 { min(300_000, 1_000 << min(attempts, 9)) }

    private func log(_ answer: WalletAnswer, _ owed: OwedCall, _ entry: OutboxEntry) {
        var metadata: Logger.Metadata = [
            "platform": "\(platform)", "user": "\(owed.account.user)", "call": "\(owed.call.name.rawValue)", "id": "\(owed.call.id)",
            "amount": "\(owed.amount)", "attempt": "\(entry.attempts + 1)",
        ]
        switch answer {
        case .accepted: break
        case .refused(let refusal):
            metadata["code"] = "\(refusal.code.rawValue)"
            metadata["detail"] = "\(refusal.detail)"
            loop.shared.logger.error("the wallet refuses what it must accept; it is asked again", metadata: metadata)
        case .unknown(let why):
            metadata["why"] = "\(why)"
            loop.shared.logger.warning("the wallet has not taken what is owed; it is asked again", metadata: metadata)
        }
    }
}
