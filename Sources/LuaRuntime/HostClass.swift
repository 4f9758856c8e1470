/// A table with known fields that goes between scripts and the host: what a handler answers, what a module says of itself. Its
/// declaration is what the host checks and what editors are told.
public struct HostClass: Sendable {
    /// For editors, "nightjar.Answer".
    public var name: String
    public var fields: [HostField]
    /// May have other fields too; if not, an editor marks them.
    public var isOpen: Bool
    public var documentation: String

    public init(_ name: String, open isOpen: Bool = false, _ documentation: String = "", fields: [HostField]) {
        self.name = name
        self.fields = fields
        self.isOpen = isOpen
        self.documentation = documentation
    }
}
