import Host
import LuaRuntime

/// `M.migrate` is tried on a copy of the live state, in a Lua state that is thrown away: one that raises, or forgets to
/// return what it made, is found before any message has to wait for it.
struct MigrationGate: Gate {
    let name = "migrate"
    let loader: UnitLoader
    let workers: WorkerGroup

    nonisolated(nonsending) func examine(_ candidate: Candidate) async -> Refusal? {
        guard let former = candidate.former, candidate.settings.placement != .all,
            candidate.settings.version > former.settings.version, candidate.generation.function("migrate") != nil,
            let home = former.workers.first, let worker = workers[home], let state = await liveState(of: candidate.source.id, on: worker)
        else { return nil }
        let attempt = loader.load(candidate.source, number: candidate.number, snapshot: candidate.snapshot)
        do throws(ScriptError) {
            let trial = try attempt.result.get()
            defer { trial.close() }
            trial.phase = .staged
            _ = try StateCarrier.migrate(state, from: former.settings.version, with: trial)
            return nil
        } catch {
            return Refusal(error)
        }
    }

    /// A copy of the unit's `nightjar.state`; nil if there is none.
    private nonisolated(nonsending) func liveState(of unit: UnitID, on worker: WorkerHandle) async -> [UInt8]? {
        await withCheckedContinuation { continuation in
            worker.execute { worker in
                continuation.resume(returning: worker.generation(of: unit).map { $0.state.carriedStateTable().bytes })
            }
        }
    }
}
