import LuaRuntime
import NIOCore
import Transport

// Applying what a slice recorded. Never enters Lua: what has to run follows by the run queue.
extension Worker {
    /// Applies the effects in order and clears the log.
    @inline(__always)
    func applyEffects(of instance: Generation, current: ConnectionRecord?) {
        let count = instance.effects.count
        if count == 0 { return }
        // The usual case first: one answer to the connection whose message it was.
        if count == 1, case .send(let id, let range, let kind) = instance.effects[0], let current, current.id == id,
            let connection = current.connection
        {
            connection.send(instance.effects.arena.bytes(range), kind)
            instance.effects.removeAll()
            return
        }
        applyAll(of: instance, current: current)
    }

    private func applyAll(of instance: Generation, current: ConnectionRecord?) {
        var index = 0
        while index < instance.effects.count {
            let effect = instance.effects[index]
            index += 1
            if case .send(let id, let range, let kind) = effect {
                if let current, current.id == id, let connection = current.connection {
                    connection.send(instance.effects.arena.bytes(range), kind)
                } else {
                    send(id, instance.effects.arena.bytes(range), kind)
                }
            } else {
                apply(effect, instance)
            }
        }
        instance.effects.removeAll()
    }

    /// Forgets the effects of a slice that failed.
    func dropEffects(of instance: Generation) {
        for index in 0..<instance.effects.count {
            switch instance.effects[index] {
            case .spawn(let function, let first, let count):
                releaseSpawn(instance, function, first, count)
            case .timerSet(let id): removeTimer(id, instance)
            default: break
            }
        }
        instance.effects.removeAll()
        instance.pendingWait = nil
    }

    private func apply(_ effect: Effect, _ instance: Generation) {
        switch effect {
        case .send(let id, let range, let kind):
            send(id, instance.effects.arena.bytes(range), kind)
        case .close(let id, let code, let reason):
            close(id, code, instance.effects.arena.bytes(reason))
        case .roomJoin(let room, let id):
            if let name = instance.rooms.name(of: room) { services.rooms?.join(name, id) }
        case .roomLeave(let room, let id):
            if let name = instance.rooms.name(of: room) { services.rooms?.leave(name, id) }
        case .roomSend(let room, let range, let kind, let except):
            guard let name = instance.rooms.name(of: room) else { return }
            // Rooms deliver at once; what was sent to single connections before waits for the end of the turn.
            for outbox in outboxes { outbox?.flushIfOrdered() }
            services.rooms?.send(
                name, instance.effects.arena.bytes(range), kind,
                except: except == 0 ? nil : ConnectionID(rawValue: except))
        case .timerSet(let id):
            arm(id, instance)
        case .timerCancel(let id):
            removeTimer(id, instance)
        case .notify(let name, let value):
            notify(instance, instance.effects.arena.string(name), instance.effects.arena.array(value))
        case .publish(let topic, let value):
            publish(instance.effects.arena.string(topic), instance.effects.arena.array(value))
        case .spawn(let function, let first, let count):
            spawn(instance, function, first, count)
        case .action(let number):
            instance.effects.actions[Int(number)](self)
        }
    }

    /// Sends to a connection on whatever loop.
    func send(_ id: ConnectionID, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {
        if let context, id.loopIndex == index {
            context.send(id, bytes, kind)
        } else {
            outbox(id.loopIndex)?.send(id, bytes, kind)
        }
    }

    func close(_ id: ConnectionID, _ code: UInt16, _ reason: UnsafeRawBufferPointer) {
        if let context, id.loopIndex == index {
            context.close(id, code: code, reason: String(decoding: reason, as: UTF8.self))
        } else {
            outbox(id.loopIndex)?.close(id, code, reason)
        }
    }

    // MARK: Coroutines of their own

    private func spawn(_ instance: Generation, _ function: LuaRef, _ first: Int32, _ count: Int32) {
        let arguments = instance.effects.references[Int(first)..<Int(first + count)]
        let slot = slot(instance.id)
        runQueue.append {
            guard instance.phase != .closed else { return }
            self.run(function, instance, slot, .spawn) { list in
                for argument in arguments { list.ref(argument) }
            }
            for argument in arguments { instance.state?.release(argument) }
            instance.state?.release(function)
        }
    }

    private func releaseSpawn(_ instance: Generation, _ function: LuaRef, _ first: Int32, _ count: Int32) {
        for argument in instance.effects.references[Int(first)..<Int(first + count)] { instance.state.release(argument) }
        instance.state.release(function)
    }

    // MARK: Events and topics

    /// Wakes the waiting handlers of the unit, on all its workers.
    private func notify(_ instance: Generation, _ name: String, _ value: [UInt8]) {
        let id = instance.id
        runQueue.append { self.wake(self.slot(id), name, value) }
        guard instance.settings.placement == .all else { return }
        for other in services.workers.all where other.index != index {
            other.execute { worker in
                guard let slot = worker.existingSlot(id) else { return }
                worker.whenIdle { worker.wake(slot, name, value) }
            }
        }
    }

    private func publish(_ topic: String, _ value: [UInt8]) {
        for target in services.directory.workers(listeningTo: topic) {
            if target == index {
                runQueue.append { self.deliver(topic, value) }
            } else {
                services.workers[target]?.execute { worker in worker.whenIdle { worker.deliver(topic, value) } }
            }
        }
    }

    /// Runs the subscriptions of this worker's packages.
    private func deliver(_ topic: String, _ value: [UInt8]) {
        for slot in slotsInOrder {
            let work = {
                guard let instance = slot.instance else { return }
                for function in instance.registrations.subscriptions[topic] ?? [] {
                    self.run(function, instance, slot, .other) {
                        if value.isEmpty { $0.nil() } else { $0.plain(value) }
                        $0.string(topic)
                    }
                }
            }
            if !slot.isHeld { work() } else { _ = slot.hold(work) }
        }
    }
}
