import Store

/// The engines as the casino needs them, so that its own rules can be tested without Lua. Loop-bound.
protocol GameEngines: AnyObject {
    func loaded(_ game: String) -> LoadedGame?
    func canonicalID(of name: String) -> String?
    func act(_ call: GameCall) -> ActionOutcome
    func isFinishable(_ slot: GameSlot, settings: GameSettings) -> Result<Bool, GameFault>
    func migrated(_ slot: GameSlot, settings: GameSettings) -> Result<MigratedState?, GameFault>
}

extension GameRunner: GameEngines {}
