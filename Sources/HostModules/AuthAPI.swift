import Auth
import Host
import LuaRuntime
import Store

/// `nightjar.auth`: signed tokens of other services, logins at them, and tokens of the package's own. What is secret is named:
/// scripts never read it.
struct AuthAPI: HostModule {
    /// By package and name.
    let secrets: [String: [String: Secret]]
    let shelf: AuthShelf
    let outgoing: Outgoing?

    var functions: [HostFunction] { [Self.verify, Self.sign, Self.oauth, Self.facebook, Self.pending, Self.tokens] }
    var types: [HostType] { [Self.flow, Self.facebookApp, Self.pendingBook, Self.tokenBook] }

    /// Specs and trials have books of their own: what they put is nobody's login.
    var forTrial: any HostModule { AuthAPI(secrets: secrets, store: MemoryStore(), realm: "trial", outgoing: nil) }

    init(secrets: [String: [String: Secret]], store: any KeyValue, realm: String, outgoing: Outgoing?) {
        self.secrets = secrets
        self.outgoing = outgoing
        shelf = AuthShelf(store: store, realm: realm)
    }

    static func answer(_ result: Result<String, OAuthError>) -> WaitResult {
        switch result {
        case .success(let token): .values([.string(token)])
        case .failure(let error): .failure(code: error.code.rawValue, detail: error.detail)
        }
    }

    // MARK: Signed tokens

    private static let algorithmNames = JWTAlgorithm.allCases.map(\.rawValue)
    private static let sharedNames = JWTAlgorithm.shared.map(\.rawValue)
    /// Clocks that differ by more are a mistake to be found.
    private static let leewayRange = 0...300.0
    private static let encoding = HostField(
        "encoding", .string, choices: JWTKey.Encoding.allCases.map(\.rawValue),
        about: "How the secret is written; default \"text\". It has at least \(AuthLimits.keyBytesMin) bytes.")
    private static let secretAbout = "Name of a secret of this package, like \"extension\""

    private static let verify = HostFunction(
        module: "auth", "verify_jwt",
        [
            HostParameter("token", .string, optional: true, "What somebody gave; nil is never right."),
            HostParameter(
                "options", .table, as: "nightjar.VerifyOptions",
                fields: [
                    HostField("secret", .string, about: "\(secretAbout): what the signer shares with this server."),
                    encoding,
                    HostField("public_key", .string, about: "Instead of a secret: the signer's public key, or several, as PEM."),
                    HostField(
                        "algorithms", .table, as: "(\(algorithmNames.map { "\"\($0)\"" }.joined(separator: "|")))[]",
                        about: "Those that are taken, whatever the token says of itself; default `{ \"HS256\" }`, with a public key `{ \"RS256\", \"ES256\" }`."),
                    HostField("issuer", .string, about: "What `iss` must be."),
                    HostField("audience", .string, about: "What `aud` must be or hold."),
                    HostField("leeway", .number, in: leewayRange, "seconds", about: "Seconds by which the clocks may differ; default 0."),
                    HostField("require_exp", .boolean, about: "Whether a token without an end is refused; default true."),
                ]),
        ],
        returns: [
            HostReturn("claims", .table, optional: true, as: "table<string, any>"),
            HostReturn(
                "code", .string, optional: true,
                "With nil: `missing`, `malformed`, `algorithm`, `signature`, `expired`, `not_yet`, `issuer`, `audience`, `no_secret`."),
            HostReturn("detail", .string, optional: true, "For the log; holds nothing of the token."),
        ],
        "Checks a signed token (JWT, RFC 7519) and gives its claims."
    ) { call in
        let generation = call.generation
        let hasSecret = call.field(1, named: "secret") != nil, hasPublicKey = call.field(1, named: "public_key") != nil
        guard hasSecret != hasPublicKey else { return .raise("bad argument #2 to 'auth.verify_jwt' (either 'secret' or 'public_key' expected)") }
        var verifier = JWTVerifier(algorithms: hasSecret ? [.hs256] : Set(JWTAlgorithm.withPublicKey))
        do throws(AuthMistake) { if let named = try algorithms(call) { verifier.algorithms = named } } catch { return .raise(error.text) }
        verifier.issuer = call.string(field: "issuer", of: 1)
        verifier.audience = call.string(field: "audience", of: 1)
        verifier.leewaySeconds = call.number(field: "leeway", of: 1) ?? 0
        verifier.requiresExpiry = call.boolean(field: "require_exp", of: 1) ?? true
        do throws(JWTError) {
            guard let token = call.bytes(0) else { throw JWTError(.missing, "there is no token") }
            let now = generation.services.wallClock()
            let claims: [UInt8]
            if hasSecret {
                claims = try verifier.claims(of: token, key: try key(call, generation), now: now)
            } else {
                guard let pem = call.field(1, named: "public_key").flatMap({ call.bytes($0) }) else { throw JWTError(.noSecret, "there is no public key") }
                claims = try verifier.claims(of: token, key: try JWTPublicKeys(pem: pem), now: now)
            }
            // What the runtime would not read is no object of claims, whoever signed it.
            guard claims.withUnsafeBytes({ (try? JSONObject($0)) != nil }) else { throw JWTError(.malformed, "the claims are nested too deep, or too many") }
            call.returnJSON(claims)
            return .values
        } catch { return .failure(code: error.code.rawValue, detail: error.detail) }
    }

    private static let sign = HostFunction(
        module: "auth", "sign_jwt",
        [
            HostParameter("claims", .table, "At most \(AuthLimits.claimsBytes) bytes as JSON.", as: "table<string, any>"),
            HostParameter(
                "options", .table, as: "nightjar.SignOptions",
                fields: [
                    HostField("secret", .string, required: true, about: "\(secretAbout)."), encoding,
                    HostField("algorithm", .string, choices: sharedNames, about: "Default \"HS256\"."),
                ]),
        ],
        returns: [
            HostReturn("token", .string, optional: true),
            HostReturn("code", .string, optional: true, "With nil: `no_secret`, `malformed`."),
            HostReturn("detail", .string, optional: true),
        ],
        "Makes a signed token (JWT). Whoever has it is believed: give it an `exp` soon."
    ) { call in
        let claims: [UInt8]
        do throws(ScriptError) { claims = try call.json(0, sorted: true) } catch {
            return .raise("bad argument #1 to 'auth.sign_jwt' (\(error.message))")
        }
        guard claims.first == UInt8(ascii: "{") else { return .raise("bad argument #1 to 'auth.sign_jwt' (a table with names expected)") }
        let algorithm = call.string(field: "algorithm", of: 1).flatMap(JWTAlgorithm.init) ?? .hs256
        do throws(JWTError) {
            call.returnString(try JWTSigner(algorithm).token(claims: claims, key: try key(call, call.generation)))
            return .values
        } catch { return .failure(code: error.code.rawValue, detail: error.detail) }
    }

    /// The key that the options, the second argument, name.
    private static func key(_ call: borrowing HostCall, _ generation: Generation) throws(JWTError) -> JWTKey {
        let name = call.string(field: "secret", of: 1) ?? ""
        guard let secret = generation.module(AuthAPI.self).secrets[generation.id.name]?[name] else {
            throw JWTError(.noSecret, "there is no secret \"\(name.prefix(64))\" in the configuration of this package")
        }
        let encoding = call.string(field: "encoding", of: 1).flatMap(JWTKey.Encoding.init) ?? .text
        let key: Result<JWTKey, JWTError> = secret.withText { text in
            Result { () throws(JWTError) in try JWTKey(secret: text, encoding) }
        }
        return try key.get()
    }

    private static func algorithms(_ call: borrowing HostCall) throws(AuthMistake) -> Set<JWTAlgorithm>? {
        guard let list = call.field(1, "algorithms") else { return nil }
        let mistake = AuthMistake(text: "bad field 'algorithms' of 'auth.verify_jwt' (a list of \(algorithmNames.joined(separator: ", ")) expected)")
        let count = call.length(list)
        guard (1...algorithmNames.count).contains(count) else { throw mistake }
        var named: Set<JWTAlgorithm> = []
        for position in 1...count {
            guard let algorithm = call.element(list, position).flatMap({ call.string($0) }).flatMap(JWTAlgorithm.init) else { throw mistake }
            named.insert(algorithm)
        }
        return named
    }
}
