import LuaRuntime
import NIOCore
import Host
import Store
import Transport

/// The engines as the casino needs them, so that its own rules can be tested without Lua. Loop-bound.
protocol GameEngines: AnyObject {
    func loaded(_ game: String) -> LoadedGame?
    func canonicalID(of name: String) -> String?
    func act(_ call: GameCall) -> ActionOutcome
    func isFinishable(_ slot: GameSlot, settings: GameSettings) -> Result<Bool, GameFault>
    func migrated(_ slot: GameSlot, settings: GameSettings) -> Result<MigratedState?, GameFault>
}

extension GameRunner: GameEngines {}

/// The sockets of one loop as the casino needs them. Loop-bound; unknown ids are ignored.
protocol SessionSockets: AnyObject {
    var eventLoop: any EventLoop { get }
    func send(_ id: ConnectionID, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind)
    func close(_ id: ConnectionID, code: UInt16, reason: String)
}

extension LoopContext: SessionSockets {}
