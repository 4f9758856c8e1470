import Host

/// A candidate that has passed the gates, ready to be swapped in on all the workers that are to run it.
///
/// @unchecked Sendable: the generations belong to nobody while they are handed from the control loop to their workers; each is
/// touched only by the worker it is paired with, after `execute`.
struct PreparedUnit: @unchecked Sendable {
    var source: UnitSource
    var number: GenerationNumber
    var settings: UnitSettings
    var manifest: RouteManifest
    /// One generation per worker, all of the same number.
    var participants: [(worker: WorkerHandle, generation: Generation)]
}
