import Foundation
import Games

extension ServerOptions {
    /// A server with games: user sessions on `/session/ws`, wallets, a journal in memory, and the package `casino` of this checkout
    /// with the shared Lua. Games and sites are for the test to add:
    ///
    ///     var options = ServerOptions.withGames()
    ///     options.copies["games/dice"] = TestFolder.project(of: #filePath) + "/games/dice"
    ///     options.files["Scripts/casino/sites/test.json"] = #"{"id":"test","initial_credits":100,"games":{"dice":{}}}"#
    public static func withGames() -> ServerOptions {
        let checkout = TestFolder.project(of: #filePath)
        var options = ServerOptions()
        for folder in ["casino/backoffice", "casino/components", "casino/platforms", "casino/public", "casino/templates", "engines", "lib"] {
            options.copies["Scripts/" + folder] = "\(checkout)/Scripts/\(folder)"
        }
        let modules = (try? FileManager.default.contentsOfDirectory(atPath: checkout + "/Scripts/casino")) ?? []
        for file in modules where file.hasSuffix(".lua") {
            options.copies["Scripts/casino/" + file] = "\(checkout)/Scripts/casino/\(file)"
        }
        options.casino = CasinoConfiguration()
        return options
    }
}
