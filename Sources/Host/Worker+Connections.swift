import LuaRuntime
import NIOCore
import Transport

extension ConnectionID {
    /// What a connection object holds. Ids of at most 128 loops are positive.
    @inline(__always) var handle: Int64 { Int64(bitPattern: rawValue) }
}

// What happens on connections whose handlers run here, wherever their sockets live.
extension Worker {
    /// One message; its bytes are valid during the call. False: it was kept, and is acknowledged when taken out. The hot path.
    @inline(__always) @discardableResult
    func received(
        _ record: ConnectionRecord, _ endpoint: ScriptEndpoint, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind
    ) -> Bool {
        guard let target = endpoint.target, !isRunning, !record.isBusy || target.concurrent,
            record.dataGeneration == target.generation
        else { return receivedSlowly(record, bytes, kind) }
        target.instance._withUnsafeGuaranteedRef { instance in
            target.state._withUnsafeGuaranteedRef { state in
                runMessage(record, instance, state, target.handler, bytes, kind)
            }
        }
        return true
    }

    /// The same when something stands in the way: a handler that waits, a swap, data that has to be carried over.
    @inline(never)
    private func receivedSlowly(
        _ record: ConnectionRecord, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind
    ) -> Bool {
        let endpoint = record.endpoint
        let slot = endpoint.slot
        guard !slot.isHeld, !isRunning, !record.isBusy || endpoint.settings.concurrent,
            let instance = slot.instance, let handler = endpoint.handlers.message
        else {
            keep(record, .message([UInt8](bytes), kind))
            return false
        }
        if record.dataInstance !== instance { carryData(of: record, to: instance) }
        runMessage(record, instance, instance.state, handler, bytes, kind)
        return true
    }

    func opened(_ record: ConnectionRecord, _ request: RequestInfo) {
        records[record.id] = record
        record.endpoint.slot.add(record)
        handle(record, .open(request))
    }

    func closed(_ record: ConnectionRecord, code: UInt16, reason: [UInt8]) {
        record.isClosed = true
        handle(record, .close(code: code, reason: reason))
    }

    /// Handles an event at once if the connection is free, else keeps it.
    private func handle(_ record: ConnectionRecord, _ event: ConnectionEvent) {
        let slot = record.endpoint.slot
        guard !slot.isHeld, !isRunning, !record.isBusy, record.queue.isEmpty else { return keep(record, event) }
        begin(record, event)
    }

    private func keep(_ record: ConnectionRecord, _ event: ConnectionEvent) {
        if record.queue.append(event, limits: services.limits) { record.connection?.pauseReading() }
        let slot = record.endpoint.slot
        if slot.isHeld {
            if !record.isListed {
                record.isListed = true
                slot.backlog.append(record)
            }
        } else if isRunning {
            runQueue.append { self.drainQueue(record) }
        } else if !record.isBusy {
            drainQueue(record)
        }
    }

    /// Handles what was kept, until a handler waits.
    func drainQueue(_ record: ConnectionRecord) {
        let slot = record.endpoint.slot
        while !slot.isHeld, !isRunning, !record.isBusy || record.endpoint.settings.concurrent,
            let (event, resumes) = record.queue.takeFirst(limits: services.limits)
        {
            if resumes { record.connection?.resumeReading() }
            if case .message(let bytes, _) = event, record.connection == nil {
                outbox(record.id.loopIndex)?.acknowledge(record.id, messages: 1, bytes: bytes.count)
            }
            begin(record, event)
        }
        if slot.isHeld, !record.queue.isEmpty, !record.isListed {
            record.isListed = true
            slot.backlog.append(record)
        }
    }

    /// Runs the handler of one event; the connection is free.
    private func begin(_ record: ConnectionRecord, _ event: ConnectionEvent) {
        let endpoint = record.endpoint
        guard let instance = endpoint.slot.instance else {
            if case .close = event { forget(record) }
            return
        }
        if record.dataInstance !== instance { carryData(of: record, to: instance) }
        let handle = record.id.handle
        switch event {
        case .open(let request):
            guard let handler = endpoint.handlers.open else { return }
            let number = instance.requests.add(request)
            record.openRequest = number
            run(handler, instance, endpoint.slot, .connection(record, .open)) {
                $0.object(ConnectionAPI.type, handle)
                $0.object(RequestAPI.type, number)
            }
        case .message(let bytes, let kind):
            guard let handler = endpoint.handlers.message else { return }
            bytes.withUnsafeBytes { runMessage(record, instance, instance.state, handler, $0, kind) }
        case .close(let code, let reason):
            guard let handler = endpoint.handlers.close else { return forget(record) }
            run(handler, instance, endpoint.slot, .connection(record, .close)) {
                $0.object(ConnectionAPI.type, handle)
                $0.integer(Int64(code))
                $0.bytes(reason)
            }
        case .error(let code):
            guard let handler = endpoint.handlers.error else { return }
            run(handler, instance, endpoint.slot, .connection(record, .error)) {
                $0.object(ConnectionAPI.type, handle)
                $0.string(code)
            }
        }
    }

    /// Goes on with a connection whose handler ended, on whatever generation.
    func connectionHandlerEnded(
        _ record: ConnectionRecord, _ stage: ConnectionStage, _ instance: Generation?, _ failure: ScriptError?
    ) {
        record.running -= 1
        if record.running == 0 { record.isBusy = false }
        if stage == .open, let number = record.openRequest, let instance {
            endRequest(number, instance)
            record.openRequest = nil
        }
        if services.debug, let instance { checkData(of: record, instance) }
        if stage == .close {
            forget(record)
        } else if let failure, stage != .error, !record.isClosed {
            begin(record, .error(code: failure.code))
        }
        if record.running == 0, let current = record.endpoint.slot.instance, !record.endpoint.slot.isHeld,
            record.dataInstance !== current, record.dataInstance != nil
        {
            carryData(of: record, to: current)
        }
        if !record.queue.isEmpty { whenIdle { self.drainQueue(record) } }
    }

    func endRequest(_ number: Int64, _ instance: Generation) {
        instance.requests.remove(number)
    }

    /// The connection's last handler is done: nothing of it stays.
    func forget(_ record: ConnectionRecord) {
        guard records.removeValue(forKey: record.id) != nil else { return }
        record.endpoint.slot.remove(record)
        guard let instance = record.dataInstance else { return }
        record.setDataInstance(nil)
        instance.attachedConnections -= 1
        if instance.phase != .closed {
            instance.state.dropObject(ConnectionAPI.type, record.id.handle)
            if instance.phase == .stale { closeIfDone(instance, record.endpoint.slot) }
        }
    }

    // MARK: conn.data

    /// Takes `conn.data` from the generation where it lies to `instance`. Data that is not plain is reported and lost; it
    /// never holds up a reload.
    func carryData(of record: ConnectionRecord, to instance: Generation) {
        let old = record.dataInstance
        record.setDataInstance(instance)
        instance.attachedConnections += 1
        guard let old else { return }
        old.attachedConnections -= 1
        guard old.phase != .closed else { return }
        do throws(ScriptError) {
            let data = try old.state.plainData(of: ConnectionAPI.type, record.id.handle)
            if !data.isEmpty {
                try instance.state.setPlainData(of: ConnectionAPI.type, record.id.handle, data)
            }
        } catch {
            report(error, old)
        }
        old.state.dropObject(ConnectionAPI.type, record.id.handle)
        closeIfDone(old, record.endpoint.slot)
    }

    /// Development mode: says once per path that a `conn.data` would not survive a reload.
    private func checkData(of record: ConnectionRecord, _ instance: Generation) {
        guard instance.phase == .live, record.dataInstance === instance else { return }
        do throws(ScriptError) {
            _ = try instance.state.plainData(of: ConnectionAPI.type, record.id.handle)
        } catch {
            if instance.reportedPaths.count < 1_000, instance.reportedPaths.insert(error.message).inserted {
                report(error, instance)
            }
        }
    }
}
