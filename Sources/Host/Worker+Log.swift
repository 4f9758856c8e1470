import LuaRuntime

// Lines of the log for packages that listen.
extension Worker {
    /// A generation goes live: its unit listens from now on, or no more. Lines that wait stay for the next generation.
    func tapLog(_ instance: Generation) {
        if instance.registrations.logListener != nil {
            services.logTap?.attach(instance.id, handle)
        } else {
            untapLog(instance.id)
        }
    }

    func untapLog(_ id: UnitID) { services.logTap?.detach(id, worker: index) }

    /// Gives a unit the lines that wait for it, as soon as nothing else runs.
    func deliverLog(to id: UnitID) {
        guard let slot = existingSlot(id) else { return }
        let work = {
            self.whenIdle {
                guard let instance = slot.instance, let handler = instance.registrations.logListener,
                    let lines = self.services.logTap?.take(id, worker: self.index)
                else { return }
                self.run(handler, instance, slot, .log(id)) { $0.json(lines) }
            }
        }
        if !slot.isHeld {
            work()
        } else if !slot.hold(work) {
            logHandlerEnded(id)
        }
    }

    func logHandlerEnded(_ id: UnitID) { services.logTap?.finished(id, worker: index) }

    /// Runs a piece of a handler; if it is one that gets lines of the log, those it writes itself are not delivered.
    @inline(__always)
    func quietly<Result>(_ origin: JobOrigin, _ body: () -> Result) -> Result {
        guard case .log = origin else { return body() }
        return LogTap.$isMuted.withValue(true, operation: body)
    }
}
