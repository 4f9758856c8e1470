/// Something that is wrong in a site file.
public struct SiteProblem: Error, Sendable, Hashable, CustomStringConvertible {
    public let file: String
    /// From 1.
    public let line: Int
    public let message: String

    public var description: String { "\(file):\(line): \(message)" }
}
