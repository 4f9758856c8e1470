import NIOCore
import NIOPosix
import NightjarTesting

/// Eight sockets that walk at random through two sessions of their own. Loop-bound; many groups run side by side.
///
/// In the first part one message is under way at a time, so the model says exactly who gets what. In the second part all
/// send at once; what is then certain is checked: the counts at the end, that members which stay see the same sequence, and
/// that no push is lost, doubled or out of its sender's order.
final class WalkGroup {
    /// Sockets 1, 2 and 5, 6 stay in their session as peers during the second part.
    private static let anchors: [String: [Int]] = ["a": [1, 2], "b": [5, 6]]
    static let size = 8

    private let name: String
    private let loop: any EventLoop
    private let address: SocketAddress
    private let source: SocketAddress?
    private var random: Seeded
    private var model = RelayModel()
    private var clients: [LeanClient?] = Array(repeating: nil, count: size)
    private(set) var failures: [String] = []
    private var done: EventLoopPromise<[String]>
    private var number = 0

    // First part.
    private var expected: [[String]] = Array(repeating: [], count: size)
    private var outstanding = 0
    private var stepsLeft = 0
    private var next: () -> Void = {}

    // Second part.
    private var isStorm = false
    private var logs: [[String]] = Array(repeating: [], count: size)
    private var pongs = 0
    private var lastStates: [String?] = Array(repeating: nil, count: size)
    private var pushed: [String: [String]] = [:]

    init(_ number: Int, loop: any EventLoop, address: SocketAddress, source: SocketAddress?, seed: UInt64) {
        name = "g\(number)"
        self.loop = loop
        self.address = address
        self.source = source
        random = Seeded(seed)
        done = loop.makePromise()
    }

    private var ids: [String] { ["a", "b"].map { name + $0 } }

    // MARK: Parts

    /// Connects everybody and walks; at the end each session has four members, the first of them leading.
    func walk(steps: Int) -> EventLoopFuture<[String]> {
        stepsLeft = steps
        connect(0) { self.step() }
        return done.futureResult
    }

    /// Everybody at once. Ends when the server has handled all messages of the sockets that are left.
    func storm(messages: Int) -> EventLoopFuture<[String]> {
        done = loop.makePromise()
        guard failures.isEmpty else {
            done.succeed([])
            return done.futureResult
        }
        isStorm = true
        for round in 0..<messages {
            for socket in 0..<Self.size { stormMessage(socket, isLast: round == messages - 1) }
        }
        ping { [unowned self] in done.succeed(failures) }
        return done.futureResult
    }

    /// After the storm, when the server knows of every socket that is gone: looks at what everybody got.
    func settle() -> EventLoopFuture<[String]> {
        done = loop.makePromise()
        // The answers come after everything that was caused before.
        ping { [unowned self] in
            checkStorm()
            isStorm = false
            outstanding = 0
            next = { [unowned self] in done.succeed(failures) }
            for (socket, client) in clients.enumerated() where client != nil { expect([(socket, "pong")]) }
            for client in clients { client?.send("ping") }
        }
        return done.futureResult
    }

    private func ping(_ then: @escaping () -> Void) {
        pongs = 0
        next = then
        for client in clients { client?.send("ping") }
    }

    func disconnectAll() { for client in clients { client?.disconnect() } }

    var openSockets: Int { clients.count { $0 != nil } }
    var openSessions: Int { model.sessions.count }

    /// What it waits for, when it takes too long.
    var waitsFor: String {
        if isStorm {
            return "\(name): \(pongs) of \(openSockets) pongs"
        }
        return "\(name): \(outstanding) outstanding, \(expected)"
    }

    func giveUp() {
        fail("waits for " + waitsFor)
    }

    private func fail(_ text: String) {
        guard failures.isEmpty else { return }
        failures.append("\(name): \(text)")
        done.succeed(failures)
    }

    // MARK: Sockets

    private func connect(_ socket: Int, _ then: @escaping () -> Void) {
        let bound = NIOLoopBound((self, then), eventLoop: loop)
        let last = Self.size - 1
        var bootstrap = ClientBootstrap(group: loop).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let (group, then) = bound.value
                let client = LeanClient { client, event in
                    if case .opened = event {
                        group.clients[socket] = client
                        if group.openSockets > last || group.stepsLeft == 0 || group.hasStarted {
                            then()
                        } else {
                            group.connect(socket + 1, then)
                        }
                    } else {
                        group.received(client, socket, event)
                    }
                }
                try channel.pipeline.syncOperations.addHandler(client)
            }
        }
        if let source { bootstrap = bootstrap.bind(to: source) }
        bootstrap.connect(to: address).whenFailure { error in bound.value.0.fail("connect: \(error)") }
    }

    private var hasStarted = false

    private func received(_ client: LeanClient, _ socket: Int, _ event: LeanClient.Event) {
        guard clients[socket] === client else { return }
        switch event {
        case .opened: break
        case .text(let text): isStorm ? stormReceived(socket, text) : walkReceived(socket, text)
        case .closing(let payload):
            drop(socket)
            walkReceived(socket, payload.isEmpty ? "closed without a code" : "closed \(payload)")
        case .ended:
            clients[socket] = nil
            fail("socket \(socket) ended")
        }
    }

    private func drop(_ socket: Int) {
        let client = clients[socket]
        clients[socket] = nil
        client?.disconnect()
    }

    // MARK: First part

    private func step() {
        hasStarted = true
        guard failures.isEmpty else { return }
        guard stepsLeft > 0 else { return arrange(0) }
        stepsLeft -= 1
        next = { [unowned self] in step() }
        let socket = Int.random(in: 0..<Self.size, using: &random)
        let id = ids.randomElement(using: &random)!
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<8: enter(socket, id, leader: Bool.random(using: &random))
        case 8..<14: push(socket, id)
        case 14..<16:
            expect(model.leave(socket))
            say(socket, #"{"type":"close"}"#)
        case 16:
            say(socket, #"{"type":"SetName","name":"\#(name)"}"#)
        case 17..<19:
            // Alone in its session nobody would hear of its end.
            if let place = model.places[socket], model.sessions[place]!.members.count < 2 { return step() }
            expect(model.leave(socket))
            next = { [unowned self] in connect(socket) { self.step() } }
            drop(socket)
            if outstanding == 0 { goOn() }
        default:
            expect(model.leave(socket))
            expect([(socket, "closed without a code")])
            next = { [unowned self] in connect(socket) { self.step() } }
            clients[socket]!.send(#"{"type":"LeaveSession"}"#)
        }
    }

    /// Ends the first part with four in each session.
    private func arrange(_ socket: Int) {
        guard socket < Self.size else {
            done.succeed(failures)
            return
        }
        next = { [unowned self] in arrange(socket + 1) }
        enter(socket, ids[socket / 4], leader: socket % 4 == 0)
    }

    private func enter(_ socket: Int, _ id: String, leader: Bool) {
        expect(model.enter(socket, id, leader: leader))
        say(socket, Self.enterText(id, leader))
    }

    private static func enterText(_ id: String, _ leader: Bool) -> String {
        #"{"sessionId":"\#(id)","type":"SetSession","isLeader":\#(leader)}"#
    }

    private func pushText(_ socket: Int, _ id: String) -> String {
        number += 1
        return #"{"sessionId":"\#(id)","type":"Push","data":[\#(socket),\#(number)]}"#
    }

    private func push(_ socket: Int, _ id: String) {
        let text = pushText(socket, id)
        expect(model.push(socket, id, text))
        say(socket, text)
    }

    private func expect(_ telling: RelayModel.Telling) {
        for (socket, text) in telling {
            expected[socket].append(text)
            outstanding += 1
        }
    }

    /// Sends a message, and a ping behind it whose answer comes last.
    private func say(_ socket: Int, _ text: String) {
        guard let client = clients[socket] else { return fail("socket \(socket) is gone") }
        expect([(socket, "pong")])
        client.send(text)
        client.send("ping")
    }

    private func walkReceived(_ socket: Int, _ text: String) {
        guard let first = expected[socket].first else { return fail("socket \(socket) got \(text), nothing was expected") }
        guard first == text else { return fail("socket \(socket) got \(text), expected \(first)") }
        expected[socket].removeFirst()
        noteState(socket, text)
        outstanding -= 1
        if outstanding == 0 { goOn() }
    }

    /// In a turn of its own, so that a surplus message is found before the next step expects something.
    private func goOn() { loop.assumeIsolated().execute { self.next() } }

    // MARK: Second part

    private func stormMessage(_ socket: Int, isLast: Bool) {
        guard let client = clients[socket] else { return }
        let isAnchor = Self.anchors.values.contains { $0.contains(socket) }
        let id = ids.randomElement(using: &random)!
        switch isAnchor ? 19 : Int.random(in: 0..<20, using: &random) {
        case 0..<8:
            let leader = Bool.random(using: &random)
            _ = model.enter(socket, id, leader: leader)
            client.send(Self.enterText(id, leader))
        case 8..<11:
            _ = model.leave(socket)
            client.send(#"{"type":"close"}"#)
        case 11..<13 where isLast:
            _ = model.leave(socket)
            drop(socket)
        default:
            let text = pushText(socket, id)
            pushed["\(socket) \(id)", default: []].append(text)
            client.send(text)
        }
    }

    private func stormReceived(_ socket: Int, _ text: String) {
        guard text == "pong" else {
            logs[socket].append(text)
            noteState(socket, text)
            return
        }
        pongs += 1
        if pongs == openSockets { goOn() }
    }

    private func noteState(_ socket: Int, _ text: String) {
        if text.hasPrefix(#"{"type":"sessionstate""#) { lastStates[socket] = text }
    }

    private func checkStorm() {
        for session in model.sessions.values {
            for socket in session.members where lastStates[socket] != session.stateText {
                fail("socket \(socket) believes \(lastStates[socket] ?? "nothing"), not \(session.stateText)")
            }
        }
        for (key, anchors) in Self.anchors {
            let id = name + key
            let own = anchors.flatMap { pushed["\($0) \(id)"] ?? [] }
            let views = anchors.map { anchor in logs[anchor].filter { !own.contains($0) } }
            if views[0] != views[1] { fail("members of \(id) saw different sequences: \(views)") }
            for anchor in anchors {
                for sender in 0..<Self.size where sender != anchor {
                    let sent = pushed["\(sender) \(id)"] ?? []
                    let got = logs[anchor].filter { $0.hasPrefix(#"{"sessionId":"\#(id)","type":"Push","data":[\#(sender),"#) }
                    // What a socket sent just before it was cut may be lost on the way, but only that.
                    let isRight = clients[sender] == nil ? sent.starts(with: got) : sent == got
                    if !isRight { fail("socket \(anchor) got \(got) from \(sender), which sent \(sent)") }
                }
            }
        }
    }
}
