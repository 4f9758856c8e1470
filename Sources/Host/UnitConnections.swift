import LuaRuntime
import NIOCore
import Transport

extension ConnectionID {
    /// What a connection object holds. Ids of at most 128 loops are positive.
    @inline(__always) var handle: Int64 { Int64(bitPattern: rawValue) }
}

/// The connections of one unit whose handlers run on this worker, wherever their sockets live. Loop-bound.
///
/// A connection's events are handled one at a time, in order. They lie in the connection's own queue; the unit's mailbox
/// holds at most one input per connection, which stands for the oldest of them, so a connection that sends much waits in line
/// like the others.
final class UnitConnections {
    // The unit has this object to itself, and the worker the unit.
    unowned(unsafe) var unit: Unit!
    private unowned(unsafe) let worker: Worker
    private let turns: Turns
    private let runner: HandlerRunner
    /// In no particular order.
    private(set) var records: [ConnectionRecord] = []

    init(worker: Worker, runner: HandlerRunner) {
        self.worker = worker
        self.runner = runner
        turns = worker.turns
    }

    private var limits: RuntimeLimits { worker.services.limits }

    // MARK: What happens on sockets

    /// One message; its bytes are valid during the call. False: it was kept, and is acknowledged when taken out. The hot path:
    /// a message for an idle unit runs at once.
    @inline(__always) @discardableResult
    func received(
        _ record: ConnectionRecord, _ endpoint: ScriptEndpoint, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind
    ) -> Bool {
        guard let target = endpoint.target, turns.obstacles.isEmpty, endpoint.unit.mailbox.isEmpty, !record.isBusy || target.concurrent,
            record.dataGeneration == target.number
        else { return receivedSlowly(record, bytes, kind) }
        turns.beginDirect()
        target.generation._withUnsafeGuaranteedRef { generation in
            target.state._withUnsafeGuaranteedRef { state in
                runner.runMessage(record, generation, state, target.handler, bytes, kind)
            }
        }
        turns.endDirect(unit)
        return true
    }

    /// The same when something stands in the way: a handler that waits, a swap, other inputs, data that has to be carried over.
    @inline(never)
    private func receivedSlowly(
        _ record: ConnectionRecord, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind
    ) -> Bool {
        let endpoint = record.endpoint
        guard unit.isIdle, !record.isBusy || endpoint.settings.concurrent, let generation = unit.generation,
            let handler = endpoint.handlers.message
        else {
            keep(record, .message([UInt8](bytes), kind))
            return false
        }
        if record.dataHolder !== generation { carryData(of: record, to: generation) }
        turns.beginDirect()
        runner.runMessage(record, generation, generation.state, handler, bytes, kind)
        turns.endDirect(unit)
        return true
    }

    /// - Parameter request: The client's handshake; nil for a connection that the package has opened itself.
    func opened(_ record: ConnectionRecord, _ request: RequestInfo?) {
        worker.records[record.id] = record
        add(record)
        handle(record, .open(request))
    }

    /// The other side says that it closes; its close frame is answered in its turn.
    func closing(_ record: ConnectionRecord) { handle(record, .closing) }

    func closed(_ record: ConnectionRecord, code: UInt16, reason: [UInt8]) {
        record.isClosed = true
        handle(record, .close(code: code, reason: reason))
    }

    /// Handles an event at once if nothing is in the way, else keeps it.
    private func handle(_ record: ConnectionRecord, _ event: ConnectionEvent) {
        guard unit.isIdle, !record.isBusy, record.queue.isEmpty else { return keep(record, event) }
        turns.beginDirect()
        begin(record, event)
        turns.endDirect(unit)
    }

    private func keep(_ record: ConnectionRecord, _ event: ConnectionEvent) {
        if record.queue.append(event, limits: limits) { record.peer.pauseReading() }
        list(record)
    }

    /// Puts the connection into the mailbox, unless it is there or its handler is at work.
    private func list(_ record: ConnectionRecord) {
        guard !record.isListed, !record.queue.isEmpty, !record.isBusy || record.endpoint.settings.concurrent else { return }
        record.isListed = true
        unit.enqueue(.connection(record))
    }

    /// It is the connection's turn: its oldest event is handled.
    func takeTurn(_ record: ConnectionRecord) {
        record.isListed = false
        guard !record.isBusy || record.endpoint.settings.concurrent,
            let (event, resumes) = record.queue.takeFirst(limits: limits)
        else { return }
        if resumes { record.peer.resumeReading() }
        if case .message(let bytes, _) = event { record.peer.acknowledge(messages: 1, bytes: bytes.count) }
        begin(record, event)
        list(record)
    }

    // MARK: Handlers

    /// Runs the handler of one event; the connection is free.
    private func begin(_ record: ConnectionRecord, _ event: ConnectionEvent) {
        if case .closing = event { return record.peer.answerClose() }
        let endpoint = record.endpoint
        guard let generation = unit.generation else {
            if case .close = event { forget(record) }
            return
        }
        if record.dataHolder !== generation { carryData(of: record, to: generation) }
        let handle = record.id.handle
        switch event {
        case .open(let request):
            guard let handler = endpoint.handlers.open else { return }
            guard let request else {
                return runner.run(handler, generation, .connection(record, .open)) { $0.object(ConnectionAPI.type, handle) }
            }
            let number = generation.requests.add(request)
            record.openRequest = number
            runner.run(handler, generation, .connection(record, .open)) {
                $0.object(ConnectionAPI.type, handle)
                $0.object(RequestAPI.type, number)
            }
        case .closing: break
        case .message(let bytes, let kind):
            guard let handler = endpoint.handlers.message else { return }
            bytes.withUnsafeBytes { runner.runMessage(record, generation, generation.state, handler, $0, kind) }
        case .close(let code, let reason):
            guard let handler = endpoint.handlers.close else { return forget(record) }
            runner.run(handler, generation, .connection(record, .close)) {
                $0.object(ConnectionAPI.type, handle)
                $0.integer(Int64(code))
                $0.bytes(reason)
            }
        case .error(let code):
            guard let handler = endpoint.handlers.error else { return }
            runner.run(handler, generation, .connection(record, .error)) {
                $0.object(ConnectionAPI.type, handle)
                $0.string(code)
            }
        }
    }

    /// Goes on with a connection whose handler ended, on whatever generation.
    func handlerEnded(
        _ record: ConnectionRecord, _ stage: ConnectionStage, _ generation: Generation?, _ failure: ScriptError?
    ) {
        record.running -= 1
        if record.running == 0 { record.isBusy = false }
        if stage == .open, let number = record.openRequest, let generation {
            generation.requests.remove(number)
            record.openRequest = nil
        }
        if worker.services.debug, let generation, generation.phase == .live, record.dataHolder === generation {
            StateCarrier.lookAtData(of: record, in: generation)
        }
        if stage == .close {
            forget(record)
        } else if let failure, stage != .error, !record.isClosed {
            begin(record, .error(code: failure.code))
        }
        if record.running == 0, let current = unit.generation, !unit.isHeld, record.dataHolder !== current, record.dataHolder != nil {
            carryData(of: record, to: current)
        }
        list(record)
    }

    /// An endpoint that is not declared any more: its connections have nobody to talk to.
    func close(_ endpoint: ScriptEndpoint) {
        for record in records where record.endpoint === endpoint { record.peer.close(code: Self.goingAway) }
    }

    func closeAll() {
        for record in records { record.peer.close(code: Self.goingAway) }
    }

    /// The close code of what has nobody to talk to (RFC 6455, section 7.4.1).
    static let goingAway: UInt16 = 1_001

    // MARK: The list

    private func add(_ record: ConnectionRecord) {
        record.listIndex = records.count
        records.append(record)
    }

    /// The connection's last handler is done: nothing of it stays.
    private func forget(_ record: ConnectionRecord) {
        guard worker.records.removeValue(forKey: record.id) != nil else { return }
        let index = record.listIndex
        let last = records.removeLast()
        if last !== record {
            records[index] = last
            last.listIndex = index
        }
        record.listIndex = -1
        guard let generation = record.dataHolder else { return }
        record.setDataHolder(nil)
        generation.attachedConnections -= 1
        if generation.phase != .closed {
            generation.state.dropObject(ConnectionAPI.type, record.id.handle)
            if generation.phase == .stale { unit.closeIfDone(generation) }
        }
    }

    // MARK: conn.data

    /// Takes `conn.data` from the generation where it lies to `generation`. What is not plain data is told and left out.
    ///
    /// A handler that still waits on the old generation (`concurrent` only; else this one would wait for it) goes on with a
    /// copy of its own, which ends with that generation.
    func carryData(of record: ConnectionRecord, to generation: Generation) {
        let old = record.dataHolder
        record.setDataHolder(generation)
        generation.attachedConnections += 1
        guard let old else { return }
        old.attachedConnections -= 1
        guard old.phase != .closed else { return }
        let data = StateCarrier.data(of: record, in: old)
        if !data.isEmpty {
            do throws(ScriptError) {
                try generation.state.setPlainData(of: ConnectionAPI.type, record.id.handle, data)
            } catch {
                worker.report(error, generation)
            }
        }
        if !record.isBusy { old.state.dropObject(ConnectionAPI.type, record.id.handle) }
        unit.closeIfDone(old)
    }

    /// Carries `conn.data` over after a swap, some connections per tick of the loop, so that the former generation can close.
    func carryInBackground(from old: Generation, at start: Int = 0) {
        guard old.phase == .stale else { return }
        var index = start
        let end = min(records.count, start + limits.carriedPerTurn)
        while index < end {
            let record = records[index]
            if record.dataHolder === old, !record.isBusy, let current = unit.generation, current !== old {
                carryData(of: record, to: current)
            }
            index += 1
        }
        if index < records.count {
            turns.later { self.carryInBackground(from: old, at: index) }
        } else {
            // Records can have changed places meanwhile; whoever is left is carried by the next turn or by its own handler.
            unit.closeIfDone(old)
            guard old.phase == .stale, unit.generation != nil, records.contains(where: { $0.dataHolder === old && !$0.isBusy }) else { return }
            turns.later { self.carryInBackground(from: old) }
        }
    }
}
