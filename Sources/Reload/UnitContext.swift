import AsyncHTTPClient
import LuaRuntime

/// What the host modules of one instance need to know of its unit; kept with the instance, used where the instance is.
final class UnitContext {
    let source: UnitSource
    let resources: HostResources
    /// The files of the prepare; nil once the unit runs.
    var snapshot: SourceSnapshot?
    /// What `nightjar.data` has read, by path: still there when handlers ask again.
    var data: [String: [UInt8]] = [:]
    /// What `nightjar.files` has listed, by folder.
    var listings: [String: [String]] = [:]
    /// Every file that was read or looked for.
    private(set) var files: [String: SourceSnapshot.State] = [:]

    init(source: UnitSource, resources: HostResources, snapshot: SourceSnapshot) {
        self.source = source
        self.resources = resources
        self.snapshot = snapshot
    }

    /// Reads a file of the prepare and notes it as a dependency.
    func read(_ file: SourceFile, _ snapshot: SourceSnapshot) throws(Files.ReadFailure) -> [UInt8] {
        defer { files[file.path] = snapshot.state(file.path) }
        return try snapshot.read(file.path)
    }

    /// Lists a folder of the prepare and notes it as a dependency. Nil: there is no such folder.
    func list(_ folder: SourceFile, _ snapshot: SourceSnapshot) -> [String]? {
        files[folder.path] = snapshot.listingState(folder.path)
        return snapshot.list(folder.path)
    }
}

extension Generation {
    /// Set by the loader before any script runs.
    var context: UnitContext {
        get { moduleStorage[ObjectIdentifier(UnitContext.self)] as! UnitContext }
        set { moduleStorage[ObjectIdentifier(UnitContext.self)] = newValue }
    }
}

/// What the host modules share. Immutable or safe from any thread.
final class HostResources: Sendable {
    /// First part of scripts' store keys.
    let realm: String
    /// JSON objects by package.
    let packageSettings: [String: [UInt8]]
    /// Secrets by package and name; scripts can only compare with them.
    let packageSecrets: [String: [String: Secret]]
    let layout: ProjectLayout
    let metrics = MetricRegistry()
    /// For `nightjar.http.fetch`; nil where nothing may go out (`nightjar check`).
    let httpClient: HTTPClient?

    init(configuration: ScriptHostConfiguration, httpClient: HTTPClient?) {
        realm = configuration.realm
        packageSettings = configuration.packageSettings
        packageSecrets = configuration.packageSecrets
        layout = configuration.layout
        self.httpClient = httpClient
    }
}
