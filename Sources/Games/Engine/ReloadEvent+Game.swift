import Host
import LuaRuntime

extension ReloadEvent {
    /// The game, if it is one.
    package var game: String? { unit.kind == .game ? unit.name : nil }

    /// Why it failed, with file and line; nil if it did not.
    package var failureText: String? {
        if case .failed(let error) = outcome { error.description } else { nil }
    }

    /// A new generation runs.
    package var isLoaded: Bool {
        if case .loaded = outcome { true } else { false }
    }
}
