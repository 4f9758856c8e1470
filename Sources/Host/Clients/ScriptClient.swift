import Logging
import LuaRuntime
import NIOCore
import Transport

/// An outgoing connection that a package has declared, through all generations that declare the same. Loop-bound.
///
///     scripts ─ open, close, send ─▶ ScriptClient ─▶ ClientMachine     when to try, and when again
///                                       │  ▲
///                                       ▼  │ opened, failed, lost
///                                     ClientLink ─▶ WebSocketClient    one attempt, and its connection
///                                       │
///                                       └─▶ UnitConnections            open, message, close: as for every connection
package final class ScriptClient {
    package let identity: ClientIdentity
    /// Holds the handlers; no route leads to it.
    let endpoint: ScriptEndpoint
    /// Hears of attempts that came to nothing.
    private(set) var failedHandler: LuaRef?
    private(set) var settings: ClientSettings
    private var machine: ClientMachine {
        didSet { if machine.state != oldValue.state { changed(from: oldValue.state) } }
    }
    /// Milliseconds since 1970.
    private var since: Int64
    private var lastFailure: ClientFailure?
    /// The attempt that is under way, or the open connection.
    private var link: ClientLink?
    /// The end of the pause before the next attempt.
    private var timer: Scheduled<Void>?
    /// Links that are not gone yet, those of former connections that are closing included.
    private(set) var links = 0
    /// It will not be opened any more.
    private(set) var isOver = false
    // The unit's endpoint has the unit, and the unit's worker outlives it.
    private unowned let worker: Worker

    init(_ declared: Registrations.Client, unit: Unit) {
        identity = declared.identity
        settings = declared.settings
        endpoint = ScriptEndpoint(unit: unit, path: declared.identity.name)
        machine = ClientMachine(policy: declared.settings.reconnect)
        worker = unit.worker
        since = worker.services.wallClock()
        worker.services.clientCounts.add(1, machine.state)
    }

    private func changed(from old: ClientMachine.State) {
        since = worker.services.wallClock()
        worker.services.clientCounts.add(-1, old)
        worker.services.clientCounts.add(1, machine.state)
    }

    // MARK: Generations

    /// A generation has declared it: its functions and settings count from now on.
    func take(_ declared: Registrations.Client) {
        let asked = settings.onDemand
        settings = declared.settings
        use(declared.handlers, failed: declared.failed)
        machine.use(settings.reconnect, now: .now())
        if machine.state == .closed { cancelTimer() } else if let due = machine.due { arm(due) }
        link?.socket.setPings(every: settings.pingInterval, timeout: settings.pongTimeout)
        if asked, !settings.onDemand { open() }
    }

    /// Functions of the running generation; none: nobody hears of it any more.
    func use(_ handlers: EndpointHandlers = EndpointHandlers(), failed: LuaRef? = nil) {
        endpoint.handlers = handlers
        failedHandler = failed
    }

    /// It is over: what is open is closed, and not opened again.
    func end() {
        guard !isOver else { return }
        close(code: UnitConnections.goingAway)
        isOver = true
        failedHandler = nil
        worker.services.clientCounts.add(-1, machine.state)
    }

    // MARK: What scripts ask for

    func open() {
        if !isOver, machine.open() { connect() }
    }

    func close(code: UInt16, reason: String = "") {
        machine.close()
        cancelTimer()
        let last = link
        link = nil
        last?.socket.close(code: code, reason: reason)
    }

    /// What `admits` was asked about before the script was told that it is taken.
    func send(_ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {
        if isOpen { try? link?.socket.send(bytes, kind, isAdmitted: true) }
    }

    /// Messages can be sent.
    package var isOpen: Bool { machine.state == .open && link?.socket.isOpen == true }

    /// Whether a message of so many bytes may wait behind what is unsent and what has been asked for.
    package func admits(_ count: Int, behind planned: Int) -> Bool {
        let waiting = planned + (link?.socket.unsentBytes ?? 0)
        return waiting == 0 || waiting + count <= ClientSettings.maxUnsent
    }

    package var status: ClientStatus {
        ClientStatus(
            state: machine.state.rawValue, sinceMilliseconds: since, attempts: machine.failures,
            retryIn: machine.due.map { max(0, Double(($0 - .now()).nanoseconds) / 1e9) }, failure: lastFailure)
    }

    // MARK: Attempts

    private func connect() {
        links += 1
        link = ClientLink.begin(self, settings.options(identity, worker.services.clientTLS), on: worker.eventLoop)
    }

    private func arm(_ due: NIODeadline) {
        cancelTimer()
        timer = worker.eventLoop.assumeIsolated().scheduleTask(deadline: due) { [weak self] in
            guard let self else { return }
            timer = nil
            if machine.isDue() { connect() }
        }
    }

    private func cancelTimer() {
        timer?.cancel()
        timer = nil
    }

    func opened(_ link: ClientLink) {
        guard link === self.link else { return }
        machine.opened()
        lastFailure = nil
        worker.services.logger.info("an outgoing connection is open", metadata: metadata)
    }

    func failed(_ link: ClientLink, _ error: WebSocketClientError) {
        guard link === self.link else { return }
        let failure = ClientFailure(error)
        let pause = ended(failure)
        // The first of a series is news.
        worker.services.logger.log(
            level: machine.failures > 1 ? .debug : .warning, "an outgoing connection did not come to be: \(failure.message)",
            metadata: metadata.merging(["code": "\(failure.code)"]) { $1 })
        guard failedHandler != nil else { return }
        let retryAfter = pause.map { Double($0.nanoseconds) / 1e9 }
        if !endpoint.unit.offer(.clientFailed(self, failure, retryAfter: retryAfter)) {
            endpoint.unit.dropped("failures of outgoing connections")
        }
    }

    func lost(_ link: ClientLink, _ end: WebSocketClientEnd) {
        guard link === self.link else { return }
        let failure = ClientFailure(end)
        _ = ended(failure)
        worker.services.logger.info(
            "an outgoing connection has ended: \(failure.message)", metadata: metadata.merging(["code": "\(failure.code)"]) { $1 })
    }

    /// - Returns: The pause before the next attempt; nil: there is none.
    private func ended(_ failure: ClientFailure) -> TimeAmount? {
        link = nil
        lastFailure = failure
        let pause = machine.ended(now: .now(), random: .random(in: 0..<1))
        if let due = machine.due { arm(due) }
        return pause
    }

    /// One of its links is gone.
    func gone() {
        links -= 1
        if isOver, links == 0 { endpoint.unit.clients.forget(self) }
    }

    /// Never the URL as a whole: its query may hold a secret.
    private var metadata: Logger.Metadata {
        ["unit": "\(endpoint.unit.id)", "client": "\(identity.name)", "host": "\(identity.url.host):\(identity.url.port)"]
    }
}

/// What a client is at.
package struct ClientStatus: Sendable {
    package var state = "closed"
    /// When it got into the state, milliseconds since 1970.
    package var sinceMilliseconds: Int64 = 0
    /// Attempts in a row that came to nothing.
    package var attempts = 0
    /// Seconds to the next attempt; nil: none is planned.
    package var retryIn: Double?
    /// Why it is not open; nil if it is, or was never tried.
    package var failure: ClientFailure?

    package init() {}

    init(state: String, sinceMilliseconds: Int64, attempts: Int, retryIn: Double?, failure: ClientFailure?) {
        self.state = state
        self.sinceMilliseconds = sinceMilliseconds
        self.attempts = attempts
        self.retryIn = retryIn
        self.failure = failure
    }
}
