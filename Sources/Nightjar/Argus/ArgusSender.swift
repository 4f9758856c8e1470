import Auth
import Foundation

/// What the client does, in its order. Everything outside of it is handed in, so that tests own time, browser and output.
struct ArgusSender {
    /// Tries to fetch the token of a login, and the pause after each that failed: a minute for the person at the browser.
    static let triesMax = 60
    static let pause = Duration.seconds(1)
    /// What the app asks Twitch for beside the id: the address of the picture.
    private static let claims = "%7B%22userinfo%22%3A+%7B%22picture%22%3Anull%7D%7D"

    let backend: ArgusBackend
    let file: ArgusTokenFile
    /// Of Twitch, without a slash at the end.
    let authURL: String
    let clientID: String
    var log: (String) -> Void
    /// Opens an address in a browser.
    var browse: (String) -> Void
    var wait: (Duration) async throws -> Void

    /// What is to be sent.
    enum Load {
        case run(ArgusRunData)
        /// JSON text of an object.
        case gameState(String)
    }

    // MARK: Sending

    func send(_ load: Load) async {
        guard let token = await check() else { return log("Failed to read token from config file. :(") }
        log("Logged in user: \(token)")
        let reply: ArgusBackend.Reply
        switch load {
        case .run(let run):
            for field in run.fields { log("\(field.label): \(field.value)") }
            reply = await backend.send(run, token)
        case .gameState(let text):
            log("Game state: \(text.utf8.count) bytes")
            reply = await backend.send(gameState: text, token)
        }
        log("Response: \(reply.status.map(String.init) ?? reply.text)")
        // What the game's log needs when the run is not on the stream; a run that was taken has no further line.
        if reply.status != nil, reply.text != "ok", let words = reply.words { log("The server says: \(words)") }
    }

    /// The file's token; nil: there is none, or the server does not say that it is good.
    private func check() async -> String? {
        guard let token = file.read().token else { return nil }
        let reply = await backend.check(token)
        log("checking token \(token) and got response \(reply.text)")
        return reply.isGood && reply.text == "token_ok" ? token : nil
    }

    // MARK: Logging in

    func login() async throws {
        log("Doing argus login...")
        if await check() != nil { return log("Skipping auth. Already have token in config file.") }
        let state = LoginAddress.newState()
        let address = LoginAddress.text(
            authorizeURL: "\(authURL)/oauth2/authorize", clientID: clientID, state: state, redirectURI: "\(backend.url)/oauth_token", claims: Self.claims)
        log("If no browser opens, visit this address in one: \(address)")
        browse(address)
        for _ in 0..<Self.triesMax {
            let reply = await backend.token(of: state)
            log("asked for argus token and got: \(reply.text)")
            if reply.isGood, reply.text != "FAIL" { return try end(reply.text) }
            try await wait(Self.pause)
        }
        log("Failed login after all retries.")
    }

    private func end(_ text: String) throws {
        let parts = text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
        guard parts.count == 2, !parts[0].isEmpty else { return log("Got strange response data: \(text)") }
        try file.write(ArgusTokenFile.Content(token: parts[0], picture: parts[1]))
        log("Successful login with token: \(parts[0])")
    }
}
