import Games
import Host
import HostModules
import Transport

/// Everything an operator can set, with its default. Values come from the command line, then the environment
/// (`NIGHTJAR_HTTP_PORT` …), then `config.json`, then from here; see `Settings+Config.swift`.
struct Settings: Sendable, Equatable {
    /// Development mode: saved scripts become live, verbose log, script errors shown in the browser.
    var debug = false
    /// Address of the main listener. Loopback by default, so that nothing is exposed by accident.
    var host = "127.0.0.1"
    /// Name of the listener at `host` and `httpPort`: packages without another one are on it.
    var mainListener = "main"
    /// Names of the packages that are loaded; nil: all there are, and the games.
    var onlyPackages: Set<String>?
    /// Port of the main listener, 0…65535; 0 lets the system choose (then see `portFile`).
    var httpPort = 8080
    /// PEM files; both present → HTTPS and WSS.
    var cert: String?
    var certKey: String?
    /// Folder with packages and shared Lua.
    var scriptsDirectory = "Scripts"
    /// Further folders that hold packages.
    var packageDirectories: [String] = []
    /// Folder with one folder per game; default: `games`, which may be missing.
    var gamesDirectory: String?
    /// Folder with local sites; default: `casino/sites` in the scripts folder.
    var sitesDirectory: String?
    /// Folder with templates of the operator's, in place of those of `casino/templates`.
    var templatesDirectory: String?
    /// Folder with web files of the operator's, in front of those of `casino/public`: served below `/static`.
    var staticDirectory: String?
    /// Folder that has games, local sites and templates in `games`, `local_sites` and `templates`; each may be set by itself.
    var resourcesDirectory: String?
    /// Folder of the SQLite file and the control socket.
    var dataDirectory = "data"
    /// Keep everything in memory: nothing survives the process.
    var ephemeral = false
    /// Event loops that serve sockets, 1…64; default: one per processor.
    var workers: Int?
    /// A user session without a message for so long is closed, seconds.
    var sessionIdleSeconds = 600
    /// Where the back office is, ends with `/`; nil: there is none.
    var rgsBase: String?
    /// Where to write the port that was bound, once the server accepts connections.
    var portFile: String?
    /// Listeners beside the main one, by the name that packages give them (`M.listener`).
    var listeners: [String: Listener] = [:]
    /// Addresses that replace the built-in ones where a listener is named without.
    var listenerDefaults: [String: Listener] = [:]
    /// Names that requests may be for, beside those of the loopback: what a proxy in front passes on. Empty: a listener on the
    /// loopback answers to the loopback's names only, another one to every name. See ``HostPolicy``.
    var hosts: [String] = []
    /// Megabytes that incomplete messages and unsent bytes of all connections may take together, 1…; default: a quarter of the
    /// machine's memory.
    var buffersMB: Int?
    /// Settings of packages (`nightjar.config.get`): JSON text by package and key.
    var packageSettings: [String: [String: String]] = [:]
    /// Where they were written, by package and key.
    var settingPlaces: [String: [String: SettingPlace]] = [:]
    /// Secrets of packages (`nightjar.config.matches`) by package and name.
    var packageSecrets: [String: [String: Secret]] = [:]
    /// Packages that the file has settings or secrets for, and where it says so.
    var packagesNamed: [String: String] = [:]
    /// Wallets of operators by the platform whose users play from them.
    var wallets: [String: WalletSettings] = [:]
    /// What is odd about the settings but does not keep the server from starting; logged.
    var warnings: [String] = []
    /// Least severe level that is logged; default: `info`, with `debug` the level `debug`.
    var logLevel: String?

    /// File that the log goes to; default: standard error. SIGUSR1 opens it anew.
    var logFile: String?
    /// Every answered request is a line of the log.
    var accessLog = false

    /// Path of the SQLite file.
    var databasePath: String { dataDirectory + "/nightjar.sqlite" }
    /// Path of the control socket, which `nightjar reload` talks to.
    var controlSocketPath: String { dataDirectory + "/control.sock" }
    /// Folder with the operator's files for packages, see `nightjar.data`.
    var operatorDirectory: String { dataDirectory + "/packages" }
    var effectiveGamesDirectory: String { gamesDirectory ?? resource("games") ?? "games" }
    var effectiveSitesDirectory: String { sitesDirectory ?? resource("local_sites") ?? scriptsDirectory + "/casino/sites" }
    /// Nil: none but the package's own.
    var effectiveTemplatesDirectory: String? { templatesDirectory ?? resource("templates") }
    private func resource(_ name: String) -> String? { resourcesDirectory.map { $0 + "/" + name } }
}

/// A setting that cannot be used: which one, where it came from, what is wrong, what to write instead.
struct SettingsError: Error, CustomStringConvertible {
    /// Stable code, for scripts around the command.
    let code: String
    let description: String
}
