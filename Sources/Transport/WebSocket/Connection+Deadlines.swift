/// What the loop's timer wheel calls: looks after silent connections, and ends the closing handshake that takes
/// too long on either side.
extension Connection: TimerEntry {
    func timerFired(now: UInt32) {
        if machine.state == .answering { return answerClose() }
        guard machine.isOpen else { return abort() }
        switch liveness.check(now: now) {
        case .wait(let due): if due != .max { context.wheel.set(self, due: due) }
        case .ping(let due):
            append(Opcode.ping, UnsafeRawBufferPointer(start: nil, count: 0))
            context.wheel.set(self, due: due)
        case .idle:
            close(code: CloseCode.normal, reason: "idle")
            context.wheel.set(self, after: TimerWheel.ticks(context.limits.idleCloseTimeout))
        case .lost: abort()
        }
    }
}
