import Logging
package import LuaRuntime
import NIOCore
import Transport

/// A generation that is ready to replace the running one on one worker, while that worker holds the unit's inputs.
///
/// Loop-bound; made by `stage`, ends with exactly one of `commit` and `abort`.
package final class StagedSwap {
    private let unit: Unit
    private let candidate: Generation
    /// Nil when the unit starts for the first time.
    private let old: Generation?
    private var isDone = false

    private init(unit: Unit, candidate: Generation, old: Generation?) {
        self.unit = unit
        self.candidate = candidate
        self.old = old
    }

    private var worker: Worker { unit.worker }

    /// Takes a loaded candidate to the point where it could go live: adopts its state, carries `nightjar.state`, runs
    /// `migrate` and `on_reload`. From here on the unit's inputs are kept until `commit` or `abort`.
    ///
    /// On failure everything is as before, and the candidate is closed.
    package static func stage(_ candidate: Generation, on worker: Worker) -> Result<StagedSwap, ScriptError> {
        let unit = worker.unit(candidate.id)
        candidate.state.adopt()
        if unit.isHeld {
            candidate.close()
            return .failure(ScriptError(kind: .argument, code: "busy", message: "another reload is under way"))
        }
        unit.beginSpawned()
        unit.hold()
        candidate.worker = worker
        candidate.unit = unit
        candidate.phase = .staged
        let staged = StagedSwap(unit: unit, candidate: candidate, old: unit.generation)
        do throws(ScriptError) {
            try staged.prepare()
            return .success(staged)
        } catch {
            staged.abort()
            return .failure(error)
        }
    }

    private func prepare() throws(ScriptError) {
        worker.obstacles.insert(.running)
        defer { worker.obstacles.remove(.running) }
        candidate.state.isLoading = false
        if let old, candidate.settings.placement != .all {
            try StateCarrier.migrate(StateCarrier.state(of: old), from: old.settings.version, with: candidate)
        }
        // The loop serves: no more time than a handler has.
        if let reload = candidate.function("on_reload") { try candidate.state.call(reload) }
    }

    /// The candidate becomes the running generation; what was kept goes to it.
    package func commit() {
        precondition(!isDone, "a swap ends once")
        isDone = true
        candidate.phase = .live
        unit.generation = candidate
        unit.routes.install(candidate)
        let directory = worker.services.directory
        if let old {
            candidate.timers.inherit(from: old.timers)
            if old.settings.listener != candidate.settings.listener { worker.setRoutes(old.id, listener: old.settings.listener, []) }
            directory.removeTopics(old.registrations.subscriptions.keys, worker: worker.index)
            unit.retire(old)
        }
        for id in candidate.timers.ids { unit.timers.arm(id, candidate) }
        worker.tapLog(candidate)
        directory.addTopics(candidate.registrations.subscriptions.keys, worker: worker.index)
        for name in directory.replaceFunctions(of: candidate.id, worker: worker.index, Array(candidate.registrations.provided.keys)) {
            worker.services.logger.error(
                "another package provides this function already", metadata: ["unit": "\(candidate.id)", "function": "\(name)"])
        }
        unit.runner.applyEffects(of: candidate)
        if old == nil { unit.run("on_ready", of: candidate) }
        unit.release()
        if let old {
            worker.later { [unit] in unit.connections.carryInBackground(from: old) }
            unit.closeIfDone(old)
        }
    }

    /// The candidate is dropped; what was kept goes to the running generation.
    package func abort() {
        precondition(!isDone, "a swap ends once")
        isDone = true
        candidate.close()
        unit.release()
        worker.forgetIfOver(unit)
    }
}
