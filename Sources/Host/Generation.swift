package import LuaRuntime
import NIOCore
import Transport

/// One load of a unit on one worker: a Lua state, and what the scripts in it have declared, recorded and begun. All of it ends
/// with the state; what is to outlive a reload lies elsewhere: in the `Unit`, in rooms, in the store.
///
///       control loop │ the worker's loop, from `StagedSwap.stage` on
///                    │
///       loading ─────┼──▸ staged ──commit──▸ live ──retire──▸ stale ──nothing left──▸ closed
///       files run,   │    migrate and        messages,        ends what                  ▲
///       declarations │    on_reload run      timers …         it began                   │
///          └─────────┼───────┴──────────── it is refused, or raises ─────────────────────┘
///
/// **Who finds whom.** The generation is the `owner` of its Lua state: a host function gets it from the call (`HostCall`), and
/// through it the unit and the worker. A `Unit` holds its running generation and, in `draining`, those that are stale.
///
/// **What may be done when.** Routes, endpoints and the like are declared while it is `loading`, and only then
/// (`declarationRefusal`). Effects are recorded from `staged` on (`refusal`), and applied when the slice has returned; those
/// of `on_reload` when the swap commits. A handler may wait once it is `live`, and goes on waiting when it is `stale`.
///
/// **When it ends.** A stale generation closes as soon as it has neither handlers that wait (`waitingJobs`), nor spawned
/// functions that have not begun (`waitingSpawns`), nor connections whose `conn.data` lies in it (`attachedConnections`); the
/// handlers get the time of one handler for that (`lastDeadline`). `Unit.closeIfDone` decides. Closing takes the state away,
/// so whatever may come late (the end of a wait, a timer, a spawned function) asks for `phase` first.
///
/// A unit that runs on several workers has a generation on each, with one number and nothing in common.
package final class Generation {
    package enum Phase {
        /// The files run; only declarations are allowed.
        case loading
        /// Adopted by its worker, `migrate` and `on_reload` run: effects are collected, waits are refused.
        case staged
        /// Takes messages.
        case live
        /// Replaced; ends what it began.
        case stale
        case closed
    }

    package let id: UnitID
    package let number: GenerationNumber
    package var settings = UnitSettings()
    package var phase: Phase = .loading
    /// Set by the loader right after making the state, which needs its owner first; nil once closed.
    package var state: LuaState!
    /// The table the unit's main file returned.
    package var module: LuaRef?
    package var registrations = Registrations()
    /// Recorded by the running slice, applied by the worker afterwards.
    // Unchecked: recorded by host functions, which run one at a time, and applied when none runs.
    @exclusivity(unchecked) package var effects: Effects
    /// What the running slice waits for: its last effect, recorded by a host function that answers `.wait`.
    package var pendingWait: Wait?
    /// The worker and the unit on it, from staging on.
    package unowned(unsafe) var worker: Worker!
    package unowned(unsafe) var unit: Unit!
    package let services: HostServices
    /// The unit's files; set by the loader before any script runs.
    package var files: (any UnitFiles)!
    /// The connection whose handler runs; nil outside of one.
    unowned(unsafe) var current: ConnectionRecord?
    /// Names behind room objects.
    package var rooms: RoomNames
    /// Timers of this generation.
    package var timers = TimerTable()
    /// The clients it has declared, in their order; from going live on.
    var clients: [ScriptClient] = []
    /// What request objects stand for.
    var requests = RequestTable()
    /// Handlers that wait or have waited and have not ended.
    package var waitingJobs = 0
    /// Spawned functions that have not begun, recorded ones included.
    package var waitingSpawns = 0
    /// Once replaced: when its last handler ends.
    var lastDeadline: NIODeadline?
    /// Connections whose `conn.data` lies in this state.
    var attachedConnections = 0
    /// What a host module keeps per generation (metric quotas, cached files), keyed by the module's own type.
    package var moduleStorage: [ObjectIdentifier: AnyObject] = [:]
    /// While developing: the text of its files by chunk, for the page that shows an error. Empty in production.
    package var sources: [String: [UInt8]] = [:]
    /// What the scripts have done that nobody is to see yet; nil: it is done at once.
    var heldActs: HeldActs?
    /// Values of `nightjar.state` and `conn.data` that are not plain data and were told, so that each is told once.
    var toldOffences: Set<String> = []

    package init(id: UnitID, number: GenerationNumber, services: HostServices) {
        self.id = id
        self.number = number
        self.services = services
        self.effects = Effects(limits: services.limits)
        self.rooms = RoomNames(limit: services.limits.roomNames)
    }

    /// Whether declarations (routes, endpoints, subscriptions …) are allowed now.
    package var isLoading: Bool { phase == .loading }

    /// Ends the state; nothing of it may be called afterwards.
    package func close() {
        guard phase != .closed else { return }
        phase = .closed
        effects.removeAll()
        clients = []
        state?.close()
        state = nil
        // What lies there may know the generation, as a game's program does: neither would ever go.
        moduleStorage = [:]
        heldActs = nil
    }
}

extension Generation {
    /// A function of the module table.
    package func function(_ name: String) -> LuaRef? {
        guard let module else { return nil }
        return state.reference(field: name, of: module)
    }

    /// What the unit's room names begin with, so packages cannot meet by accident.
    package var roomPrefix: String { id.name + ":" }
}
