/// Where an operator has written a setting of a package: what a message about it names.
package struct SettingPlace: Sendable, Equatable {
    /// `config.json`, or `environment`.
    package var file: String
    /// From 1; nil: it is not known, or there are no lines.
    package var line: Int?
    /// Where in it: `packages.casino.fb_frames`, or the variable's name.
    package var path: String

    package init(file: String, line: Int? = nil, path: String) {
        self.file = file
        self.line = line
        self.path = path
    }
}
