import LuaRuntime
import NIOCore
import Transport

/// Applies what a slice recorded, in order. Never enters Lua: what has to run becomes an input. Loop-bound.
final class EffectApplier {
    // The unit's runner has this object to itself, and the worker the unit.
    unowned(unsafe) var unit: Unit!
    private unowned(unsafe) let worker: Worker

    init(worker: Worker) { self.worker = worker }

    /// Applies the effects and clears the log.
    func apply(_ generation: Generation, current: ConnectionRecord?) {
        if !generation.effects.isEmpty { applyAll(generation, current: current) }
    }

    /// The same after the handler of a message: one answer to the connection it came from is the usual case.
    @inline(__always)
    func apply(_ generation: Generation, answering record: ConnectionRecord) {
        let count = generation.effects.count
        if count == 1, case .send(let id, let range, let kind) = generation.effects[0], record.id == id {
            record.send(generation.effects.arena.bytes(range), kind)
            generation.effects.removeAll()
        } else if count > 0 {
            applyAll(generation, current: record)
        }
    }

    private func applyAll(_ generation: Generation, current: ConnectionRecord?) {
        var index = 0
        while index < generation.effects.count {
            let effect = generation.effects[index]
            index += 1
            if case .send(let id, let range, let kind) = effect {
                if let current, current.id == id {
                    current.send(generation.effects.arena.bytes(range), kind)
                } else {
                    worker.bridge.peer(id)?.send(generation.effects.arena.bytes(range), kind)
                }
            } else {
                apply(effect, generation)
            }
        }
        generation.effects.removeAll()
    }

    /// Forgets the effects of a slice that failed.
    func drop(_ generation: Generation) {
        for index in 0..<generation.effects.count {
            switch generation.effects[index] {
            case .spawn(let function, let first, let count):
                release(generation, function, arguments(generation, first, count))
            case .timerSet(let id): unit.timers.remove(id, generation)
            default: break
            }
        }
        generation.effects.removeAll()
        generation.pendingWait = nil
    }

    private func apply(_ effect: Effect, _ generation: Generation) {
        switch effect {
        case .send(let id, let range, let kind):
            worker.bridge.peer(id)?.send(generation.effects.arena.bytes(range), kind)
        case .close(let id, let code, let reason):
            worker.bridge.peer(id)?.close(code: code, reason: generation.effects.arena.bytes(reason))
        case .roomJoin(let room, let id):
            if let name = generation.rooms.name(of: room) { worker.services.rooms?.join(name, id) }
        case .roomLeave(let room, let id):
            if let name = generation.rooms.name(of: room) { worker.services.rooms?.leave(name, id) }
        case .roomSend(let room, let range, let kind, let except):
            guard let name = generation.rooms.name(of: room) else { return }
            // Rooms deliver at once; what was sent to single connections before waits for the end of the turn.
            worker.bridge.flushOrdered()
            worker.services.rooms?.send(
                name, generation.effects.arena.bytes(range), kind,
                except: except == 0 ? nil : ConnectionID(rawValue: except))
        case .clientOpen(let number): client(number, generation)?.open()
        case .clientClose(let number, let code, let reason):
            client(number, generation)?.close(code: code, reason: generation.effects.arena.string(reason))
        case .clientSend(let number, let range, let kind):
            client(number, generation)?.send(generation.effects.arena.bytes(range), kind)
        case .perform(let place): generation.effects.actions[Int(place)](worker)
        case .timerSet(let id): unit.timers.arm(id, generation)
        case .timerCancel(let id): unit.timers.remove(id, generation)
        case .notify(let name, let value):
            notify(generation, generation.effects.arena.string(name), generation.effects.arena.array(value))
        case .publish(let topic, let value):
            worker.calls.publish(generation.effects.arena.string(topic), generation.effects.arena.array(value))
        case .spawn(let function, let first, let count):
            let arguments = arguments(generation, first, count)
            if !unit.offer(.spawn(generation, function, arguments)) {
                release(generation, function, arguments)
                unit.dropped("spawned functions")
            }
        }
    }

    private func client(_ number: Int32, _ generation: Generation) -> ScriptClient? {
        Int(number) < generation.clients.count ? generation.clients[Int(number)] : nil
    }

    private func arguments(_ generation: Generation, _ first: Int32, _ count: Int32) -> [LuaRef] {
        Array(generation.effects.references[Int(first)..<Int(first + count)])
    }

    private func release(_ generation: Generation, _ function: LuaRef, _ arguments: [LuaRef]) {
        generation.waitingSpawns -= 1
        for argument in arguments { generation.state?.release(argument) }
        generation.state?.release(function)
    }

    /// Wakes the waiting handlers of the unit, on all its workers.
    private func notify(_ generation: Generation, _ name: String, _ value: [UInt8]) {
        unit.jobs.wake(name, value)
        guard generation.settings.placement == .all else { return }
        let id = unit.id
        for other in worker.services.workers.all where other.index != worker.index {
            other.execute { worker in
                worker.units[id]?.jobs.wake(name, value)
                worker.takeTurn()
            }
        }
    }
}
