import NIOCore
import Transport

/// What sessions have subscribed to, and the messages that go to all who want a topic: those of the users whose home is this loop.
///
/// A topic's publisher may say how seldom a session wants to hear of it. What comes sooner waits, and of what waits only the
/// newest is sent: a value that changes a thousand times a second is told once. Loop-bound.
final class TopicBoard {
    private struct Subscription {
        /// When the session was told last.
        var last: NIODeadline
        /// Something newer than what it was told waits.
        var isOwed = false
    }

    private struct Topic {
        var newest: [UInt8] = []
        var sessions: [ConnectionID: Subscription] = [:]
        /// When it is looked at again, if it is: the first of these times.
        var nextFlush: NIODeadline?
    }

    private let loop: any EventLoop
    private let deliver: (ConnectionID, [UInt8]) -> Void
    private var topics: [String: Topic] = [:]
    private var wanted: [ConnectionID: Set<String>] = [:]

    /// - Parameter deliver: Sends a message to a session.
    init(on loop: any EventLoop, deliver: @escaping (ConnectionID, [UInt8]) -> Void) {
        self.loop = loop
        self.deliver = deliver
    }

    /// May the session subscribe to these besides what it has and keeps?
    func hasRoom(_ session: ConnectionID, _ names: [String], leaving: ComponentChanges.Unsubscription = .none) -> Bool {
        let present = wanted[session] ?? []
        let kept: Set<String> =
            switch leaving {
            case .none: present
            case .all: []
            case .topics(let left): present.subtracting(left)
            }
        return kept.union(names).count <= ComponentLimits.topicsPerSession
    }

    /// Subscribes a session that has been told the topic's value just now. Again: it counts as told just now.
    func subscribe(_ session: ConnectionID, _ name: String) {
        wanted[session, default: []].insert(name)
        topics[name, default: Topic()].sessions[session] = Subscription(last: loop.now)
    }

    func unsubscribe(_ session: ConnectionID, _ name: String) {
        wanted[session]?.remove(name)
        topics[name]?.sessions[session] = nil
        if topics[name]?.sessions.isEmpty == true { topics[name] = nil }
    }

    /// Of everything; also what a session's end means.
    func unsubscribeAll(_ session: ConnectionID) {
        for name in wanted[session] ?? [] { unsubscribe(session, name) }
        wanted[session] = nil
    }

    /// Sends a message to all sessions that want the topic.
    ///
    /// - Parameter interval: To no session more often than this; nil: at once to all, besides what waits.
    func publish(_ name: String, _ message: [UInt8], atMostEvery interval: TimeAmount?) {
        guard topics[name] != nil else { return }
        guard let interval else {
            for session in topics[name]?.sessions.keys ?? [:].keys { deliver(session, message) }
            return
        }
        topics[name]?.newest = message
        for session in topics[name]?.sessions.keys ?? [:].keys { topics[name]?.sessions[session]?.isOwed = true }
        flush(name, interval)
    }

    /// Sends what waits to those whose time has come, and comes again for the others.
    private func flush(_ name: String, _ interval: TimeAmount) {
        guard let topic = topics[name] else { return }
        let now = loop.now
        var next: NIODeadline?
        for (session, subscription) in topic.sessions where subscription.isOwed {
            let due = subscription.last + interval
            if due <= now {
                topics[name]?.sessions[session] = Subscription(last: now)
                deliver(session, topic.newest)
            } else {
                next = min(next ?? due, due)
            }
        }
        // A publisher with a longer interval may have put the next look off; one that comes sooner does not wait for that.
        guard let next, topic.nextFlush.map({ next < $0 }) ?? true else { return }
        topics[name]?.nextFlush = next
        loop.assumeIsolated().scheduleTask(deadline: next) { [weak self] in
            guard let self, self.topics[name]?.nextFlush == next else { return }
            self.topics[name]?.nextFlush = nil
            self.flush(name, interval)
        }
    }
}
