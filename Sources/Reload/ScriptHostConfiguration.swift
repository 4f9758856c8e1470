public import Host
public import LuaRuntime
public import Transport

/// How scripts are found and run.
public struct ScriptHostConfiguration: Sendable {
    /// Folders with packages. The first one also holds `lib` and `engines`.
    public var scriptsDirectories: [String]
    /// Names of the packages that are loaded; nil: all there are.
    public var packages: Set<String>?
    /// Folder with one folder per game; nil: no games.
    public var gamesDirectory: String?
    /// Development: saved files become live by themselves, broken units do not keep the server from starting, and more is
    /// checked and reported.
    public var debug: Bool
    /// Bounds of a Lua state, unless the unit sets its own (`M.limits`).
    public var luaLimits = LuaLimits()
    public var runtimeLimits = RuntimeLimits()
    /// Where the process's log handler puts its lines, for `nightjar.log.listen`; nil: listeners hear nothing.
    public var logTap: LogTap?
    /// Whom connections trust that packages open (`nightjar.websocket.connect`); nil: whom the system trusts.
    public var clientTLS: WebSocketClientTLS?
    /// Names of the listeners there will be; a package that names another one fails. Nil: not checked.
    public var listeners: Set<String>?
    /// Packages that the server's configuration has settings or secrets for; `nightjar check` tells those that do not exist.
    public var configuredPackages: Set<String> = []
    /// Routes that parts of the host will have: no script gets one of them.
    public var reservedRoutes: [ReservedRoutes] = []
    /// Folder with the operator's files, by package: `argus/data/names.json` takes the place of what the package argus would read
    /// from its own folder with `nightjar.data("data/names.json")`, and `argus/public/logo.svg` is served in place of `public/logo.svg`.
    /// Watched in production, too: they are no part of a release.
    public var operatorDirectory: String?
    /// Folders elsewhere that stand in for one in there.
    public var operatorFolders: [OperatorFolder] = []
    /// Folders besides those of the scripts whose files units depend on; watched in development mode.
    public var watchedDirectories: [String] = []
    /// How often the watcher compares time stamps, milliseconds.
    public var pollMilliseconds: Int32 = 1_000
    /// When changes count as complete.
    var settleTiming = SettleMachine.Timing()
    /// All workers of a package must be ready for a swap within this time, milliseconds; else nothing is swapped.
    public var voteMilliseconds: Int64 = 250

    public init(scriptsDirectories: [String], gamesDirectory: String?, debug: Bool) {
        self.scriptsDirectories = scriptsDirectories
        self.gamesDirectory = gamesDirectory
        self.debug = debug
    }

    var layout: ProjectLayout {
        ProjectLayout(
            scripts: scriptsDirectories.map(SourceFolder.init(configured:)),
            games: gamesDirectory.map(SourceFolder.init(configured:)), packages: packages,
            operatorFiles: operatorDirectory.map(SourceFolder.init(configured:)), operatorFolders: operatorFolders)
    }
}

/// A folder with files of the operator for a package.
public struct OperatorFolder: Sendable, Equatable {
    /// The package and a folder in it, like `casino/templates`.
    public var place: String
    /// Where the operator has the files.
    public var directory: String
    /// A change of what a package has read there loads the package anew. Not for files that are only served, of which there may be many.
    public var isWatched: Bool

    public init(place: String, directory: String, isWatched: Bool) {
        self.place = place
        self.directory = directory
        self.isWatched = isWatched
    }
}
