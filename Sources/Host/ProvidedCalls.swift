import LuaRuntime
import NIOCore

/// Functions that packages offer to each other and to Swift, by name, and what is published: from one worker to the mailboxes
/// of the units that are meant, wherever they run. Loop-bound.
package final class ProvidedCalls {
    private unowned let worker: Worker

    init(worker: Worker) { self.worker = worker }

    private var services: HostServices { worker.services }

    /// Calls a provided function on this worker if its package runs here, else where it does.
    func call(_ name: String, _ call: ProvidedCall) {
        guard let target = services.directory.worker(offering: name, preferred: worker.index) else {
            return call.fail("no_such_function", name)
        }
        if target == worker.index { return enqueue(name, call) }
        guard let other = services.workers[target] else { return call.fail("no_such_function", name) }
        let handed = Handover(call)
        other.execute { worker in
            worker.calls.enqueue(name, handed.value)
            worker.takeTurn()
        }
    }

    private func enqueue(_ name: String, _ call: ProvidedCall) {
        guard let unit = worker.units.values.first(where: { $0.generation?.registrations.provided[name] != nil }) else {
            return call.fail("no_such_function", name)
        }
        call.function = name
        if !unit.offer(.call(call)) { call.fail("busy", "too much waits for \(unit.id)") }
    }

    /// Gives a value to the subscriptions of all packages, on every worker that runs them.
    func publish(_ topic: String, _ value: [UInt8]) {
        for target in services.directory.workers(listeningTo: topic) {
            if target == worker.index {
                deliver(topic, value)
            } else {
                services.workers[target]?.execute { worker in
                    worker.calls.deliver(topic, value)
                    worker.takeTurn()
                }
            }
        }
    }

    private func deliver(_ topic: String, _ value: [UInt8]) {
        for unit in worker.unitsInOrder {
            for place in 0..<(unit.generation?.registrations.subscriptions[topic]?.count ?? 0)
            where !unit.offer(.publication(topic: topic, value: value, place: place)) {
                unit.dropped("publications")
            }
        }
    }

    /// Whether a package of this worker that listens to the topic has no room for one more.
    package func isBusy(_ topic: String, bytes: Int) -> Bool {
        worker.units.values.contains {
            $0.generation?.registrations.subscriptions[topic] != nil && $0.mailbox.refuses(bytes: bytes)
        }
    }
}

/// Hands something that belongs to one thread at a time over to another one.
///
/// @unchecked Sendable: the value belongs to whoever takes it out on its own loop; the giver does not touch it again.
package struct Handover<Value>: @unchecked Sendable {
    // Whoever makes one gives `value` up; only the closure that receives it touches it from then on.
    package let value: Value
    package init(_ value: Value) { self.value = value }
}
