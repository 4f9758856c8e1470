import Logging
package import LuaRuntime
import NIOCore
import Transport

/// A generation that is ready to replace the running one on one worker, while that worker holds the unit's inputs.
///
/// Loop-bound; made by `stage`, made ready by `complete`, ends with exactly one of `commit` and `abort`.
package final class StagedSwap {
    private let unit: Unit
    private let candidate: Generation
    /// Nil when the unit starts for the first time.
    private let old: Generation?
    /// The state of the generation before, until the candidate has it.
    private var carried: [UInt8] = []
    private var isDone = false

    private init(unit: Unit, candidate: Generation, old: Generation?) {
        self.unit = unit
        self.candidate = candidate
        self.old = old
    }

    private var worker: Worker { unit.worker }

    /// Begins to put a loaded candidate in the place of what runs: adopts its state and takes `nightjar.state` along. From here
    /// on the unit's inputs are kept until `commit` or `abort`.
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
        if let old = staged.old, candidate.settings.placement != .all { staged.carried = StateCarrier.state(of: old) }
        return .success(staged)
    }

    /// Brings the candidate to the point where it could go live: gives it the state, runs `migrate` and `on_reload`. In a later
    /// tick than `stage`: both take as long as the state is large, and the loop looks after its sockets in between.
    ///
    /// - Throws: What the script raised; then everything is as before, and the candidate is closed.
    package func complete() throws(ScriptError) {
        do throws(ScriptError) { try prepare() } catch {
            abort()
            throw error
        }
    }

    private func prepare() throws(ScriptError) {
        worker.turns.obstacles.insert(.running)
        defer { worker.turns.obstacles.remove(.running) }
        candidate.state.isLoading = false
        if let old, candidate.settings.placement != .all {
            try StateCarrier.migrate(carried, from: old.settings.version, with: candidate)
            carried = []
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
        unit.clients.install(candidate)
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
