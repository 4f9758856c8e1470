import Auth
import Host
import LuaRuntime

/// What the files of a package have declared with `nightjar.auth`; behind the objects that scripts hold. In the generation's
/// `moduleStorage`.
final class AuthDeclared {
    struct Flow {
        var client: OAuthClient?
        /// Why there is no client: its secret is not configured.
        var problem = ""
        var timeoutSeconds: Double
        /// Of what the shelf keeps for it.
        var key: String
    }

    struct App {
        var app: FacebookApp?
        /// Why there is no app: its secret is not configured.
        var problem: String
        var timeoutSeconds: Double
    }

    struct Pending {
        var key: String
        var lifetimeMilliseconds: Int64
        var limit: Int
    }

    struct Tokens {
        var book: TokenBook
        var bytes: Int
    }

    /// Of each kind; a package logs in at a handful of services.
    static let objectsMax = 16
    static let nameBytesMax = 64

    var flows: [Flow] = []
    var apps: [App] = []
    var pending: [Pending] = []
    var tokens: [Tokens] = []
    private var names: Set<String> = []

    static func of(_ generation: Generation) -> AuthDeclared {
        let key = ObjectIdentifier(AuthDeclared.self)
        if let known = generation.moduleStorage[key] as? AuthDeclared { return known }
        let declared = AuthDeclared()
        generation.moduleStorage[key] = declared
        return declared
    }

    /// Checks the name, which is the first argument, and that it is the only one of its kind.
    ///
    /// - Returns: Package and name, as the key of what is kept; or the error to raise.
    func name(_ call: borrowing HostCall, _ function: String, count: Int) -> Result<String, AuthMistake> {
        guard count < Self.objectsMax else { return .failure(AuthMistake(text: "more than \(Self.objectsMax) of auth.\(function) in this package")) }
        guard let name = call.string(0), Self.isName(name) else {
            return .failure(AuthMistake(text: "bad argument #1 to 'auth.\(function)' (1…\(Self.nameBytesMax) letters, digits, '_', '-' or '.' expected)"))
        }
        guard names.insert("\(function) \(name)").inserted else {
            return .failure(AuthMistake(text: "auth.\(function) '\(name)' is declared already"))
        }
        return .success("\(call.generation.id.name):\(name)")
    }

    private static func isName(_ name: String) -> Bool {
        (1...nameBytesMax).contains(name.utf8.count)
            && name.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || "_-.".utf8.contains($0) }
    }
}

/// A mistake of the script's author.
struct AuthMistake: Error {
    var text: String
}
