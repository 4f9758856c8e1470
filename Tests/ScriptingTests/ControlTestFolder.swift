import Foundation

/// A folder with files for one test, removed with the object.
final class TestFolder: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path + "/nightjar-test-\(UUID().uuidString)"
        try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file in place, making its folders.
    func write(_ name: String, _ text: String) {
        let file = path + "/" + name
        try! FileManager.default.createDirectory(
            atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try! Data(text.utf8).write(to: URL(fileURLWithPath: file))
    }

    /// Replaces a file as careful editors do: writes another one, then renames it.
    func replace(_ name: String, _ text: String) {
        write(name + "~new", text)
        guard rename(path + "/" + name + "~new", path + "/" + name) == 0 else { fatalError("rename failed") }
    }

    func remove(_ name: String) {
        try! FileManager.default.removeItem(atPath: path + "/" + name)
    }
}
