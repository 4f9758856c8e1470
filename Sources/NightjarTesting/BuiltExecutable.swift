package import Foundation

/// An executable of this project, for tests that need a whole process.
package enum BuiltExecutable {
    package struct NotBuilt: Error, CustomStringConvertible {
        let name: String
        package var description: String { "the executable \(name) is not built; run: swift build --build-tests" }
    }

    /// The one beside the running tests, so that both are of one build.
    ///
    /// - Parameter file: The test's own.
    package static func url(_ name: String, of file: String = #filePath) throws -> URL {
        let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent(name)
        let built = URL(fileURLWithPath: TestFolder.project(of: file) + "/.build/debug/" + name)
        for candidate in [beside, built] where FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
        throw NotBuilt(name: name)
    }
}
