import Foundation

/// The client's file with its token, as all clients have it: `cache/argus_token.ini`, in earlier times `argus_token.ini`.
struct ArgusTokenFile {
    struct Content: Equatable {
        var token: String?
        var picture: String?
    }

    private static let name = "argus_token.ini"
    private static let section = "DEFAULT"
    /// Bytes that are read; the file has a hundred or two.
    private static let bytesMax = 64 << 10

    /// The mod's folder.
    let folder: String

    /// What the first of the two files says that has a token.
    func read() -> Content {
        for path in ["\(folder)/cache/\(Self.name)", "\(folder)/\(Self.name)"] {
            guard let handle = FileHandle(forReadingAtPath: path), let data = try? handle.read(upToCount: Self.bytesMax) else { continue }
            let content = Self.parse(String(decoding: data, as: UTF8.self))
            if content.token != nil { return content }
        }
        return Content()
    }

    /// Written whole or not at all, for its user alone: who has the token sends runs in the streamer's name.
    func write(_ content: Content) throws(CommandFailure) {
        let path = "\(folder)/cache/\(Self.name)"
        var text = "[\(Self.section)]\nargus_token = \(content.token ?? "")\n"
        if let picture = content.picture, !picture.isEmpty { text += "profile_pic = \(picture)\n" }
        do {
            try FileManager.default.createDirectory(atPath: "\(folder)/cache", withIntermediateDirectories: true)
            let temporary = "\(path).\(getpid())"
            guard FileManager.default.createFile(atPath: temporary, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]) else {
                throw CocoaError(.fileWriteUnknown)
            }
            guard rename(temporary, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        } catch {
            throw CommandFailure(code: "not_written", description: "\(path): cannot be written. Is --pluginpath right, and the folder this user's?")
        }
    }

    /// The section `DEFAULT`; keys in any case, `=` or `:`, comments on lines of their own. A `%` is a `%`. Some editors of Windows
    /// put a byte order mark before the first line.
    static func parse(_ text: String) -> Content {
        var content = Content()
        var isOurs = false
        let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.hasPrefix("[") { isOurs = line == "[\(section)]" }
            guard isOurs, !line.hasPrefix("#"), !line.hasPrefix(";"), let split = line.firstIndex(where: { $0 == "=" || $0 == ":" }) else { continue }
            let value = line[line.index(after: split)...].trimmingCharacters(in: .whitespaces)
            guard !value.isEmpty else { continue }
            switch line[..<split].trimmingCharacters(in: .whitespaces).lowercased() {
            case "argus_token": content.token = value
            case "profile_pic": content.picture = value
            default: break
            }
        }
        return content
    }
}
