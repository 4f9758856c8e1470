import Foundation

/// A folder with files for one test, removed with the object. Any thread.
public final class TestFolder: Sendable {
    /// Absolute, without a slash at its end, free of symbolic links.
    public let path: String

    public init() {
        path = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path + "/nightjar-test-\(UUID().uuidString)"
        Self.must { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file in place, making its folders.
    ///
    /// - Parameter name: Path below the folder, like `Scripts/votes/main.lua`.
    public func write(_ name: String, _ text: String) {
        let file = path + "/" + name
        Self.must {
            try FileManager.default.createDirectory(
                atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        }
    }

    /// Replaces a file as careful editors do: writes another one, then renames it.
    public func replace(_ name: String, _ text: String) {
        write(name + "~new", text)
        precondition(rename(path + "/" + name + "~new", path + "/" + name) == 0, "cannot rename \(name) in \(path): \(errno)")
    }

    /// Removes a file or a folder.
    public func remove(_ name: String) { Self.must { try FileManager.default.removeItem(atPath: path + "/" + name) } }

    /// Whether there is such a file or folder.
    public func contains(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path + "/" + name) }

    /// The text of a file.
    public func read(_ name: String) throws -> String { try String(contentsOfFile: path + "/" + name, encoding: .utf8) }

    /// Reads a file and replaces it with what `change` makes of it.
    public func edit(_ name: String, _ change: (String) -> String) throws { replace(name, change(try read(name))) }

    /// Copies a file or a folder of a project into this folder.
    ///
    /// - Parameters:
    ///   - source: Path of what is copied; a symbolic link is followed.
    ///   - name: Where it goes, below this folder. Must not be there yet.
    public func copy(_ source: String, to name: String) throws {
        let target = path + "/" + name
        try FileManager.default.createDirectory(
            atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: URL(fileURLWithPath: source).resolvingSymlinksInPath().path, toPath: target)
    }

    /// The folder of the package that a source file is part of: the nearest one above it with a `Package.swift`.
    ///
    /// - Parameter file: `#filePath`.
    public static func project(of file: String) -> String {
        var folder = URL(fileURLWithPath: file).deletingLastPathComponent().resolvingSymlinksInPath()
        while !FileManager.default.fileExists(atPath: folder.path + "/Package.swift") {
            precondition(folder.path != "/", "no Package.swift above \(file)")
            folder.deleteLastPathComponent()
        }
        return folder.path
    }

    /// A test without its own files is no test: what goes wrong here ends the process with its reason.
    private static func must(_ body: () throws -> Void) {
        do { try body() } catch { preconditionFailure("the folder of a test: \(error)") }
    }
}
