import Foundation
import LuaRuntime

extension Settings {
    /// Checks that what the settings name is there: folders, packages, certificate. Before anything is started, so that a slip
    /// costs no wait. Reads folders.
    func checkFolders() throws(CommandFailure) {
        guard Self.isFolder(scriptsDirectory) else {
            throw CommandFailure(
                code: "no_scripts",
                description: "there is no scripts folder \(scriptsDirectory). Start nightjar in the folder that holds it, or name it with --scripts.")
        }
        for folder in packageDirectories where !Self.isFolder(folder) {
            throw Self.missing(folder, "packages", "--packages")
        }
        if let gamesDirectory, !Self.isFolder(gamesDirectory) { throw Self.missing(gamesDirectory, "games", "--games") }
        if let sitesDirectory, !Self.isFolder(sitesDirectory) { throw Self.missing(sitesDirectory, "sites", "--sites") }
        let others = [(templatesDirectory, Key.templatesDirectory), (staticDirectory, .staticDirectory), (resourcesDirectory, .resourcesDirectory)]
        for (folder, key) in others {
            guard let folder, !Self.isFolder(folder) else { continue }
            throw CommandFailure(code: "no_folder", description: "there is no folder \(folder). The setting \"\(key.rawValue)\" names it.")
        }
        for (file, option) in [(cert, "--cert"), (certKey, "--certkey")] {
            guard let file, access(file, R_OK) != 0 else { continue }
            throw CommandFailure(
                code: "no_certificate",
                description: "\(file): \(String(cString: strerror(errno))). Give a PEM file that this user may read with \(option).")
        }
        let packages = packageNames
        // While developing, the first one may still be written.
        guard debug || !packages.isEmpty else {
            throw CommandFailure(
                code: "no_packages",
                description: "there is no package in \(scriptsDirectory): a package is a folder with a main.lua. Make one, or name the folder that holds them with --scripts; with --debug it may come later.")
        }
        try checkPackages(packages)
    }

    /// Names of the folders that are packages.
    var packageNames: [String] {
        ([scriptsDirectory] + packageDirectories).flatMap { folder in
            ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
                .filter { FileManager.default.fileExists(atPath: "\(folder)/\($0)/main.lua") }
        }
    }

    /// Settings and secrets of a package that is not there would have no effect, without a word.
    private func checkPackages(_ names: [String]) throws(CommandFailure) {
        for (name, place) in packagesNamed.sorted(by: { $0.key < $1.key }) where !names.contains(name) {
            let hint = Suggestion.hint(name, among: Set(names).sorted())
            throw CommandFailure(code: "no_package", description: "\(place) names the package \"\(name)\", which is not there\(hint)")
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    private static func missing(_ folder: String, _ what: String, _ option: String) -> CommandFailure {
        CommandFailure(code: "no_folder", description: "there is no \(what) folder \(folder). Name one that is there with \(option).")
    }
}
