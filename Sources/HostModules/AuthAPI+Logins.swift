import Auth
import Host
import LuaRuntime
import NIOCore

/// `nightjar.auth.oauth`: logins at other services.
extension AuthAPI {
    private static let flowType = ObjectTypes.register("flow")
    private static let timeoutRange = 0.05...30.0
    private static let timeoutUsual = 10.0

    static let oauth = HostFunction(
        module: "auth", "oauth",
        [
            HostParameter("name", .string, "Names the service within the package: 1…64 letters, digits, `_`, `-` or `.`."),
            HostParameter(
                "options", .table, as: "nightjar.OAuthOptions",
                fields: [
                    HostField("client_id", .string, required: true, about: "Under which the service knows this server."),
                    HostField("client_secret", .string, required: true, about: "Name of a secret of this package."),
                    HostField("token_url", .string, required: true, about: "Where codes are changed for tokens."),
                    HostField("userinfo_url", .string, about: "Where it is asked who logged in (OpenID Connect)."),
                    HostField("redirect_uri", .string, about: "The one of the address that the browser was sent to."),
                    HostField("issuers", .table, as: "string[]", about: "What the service may call itself in what it says of people (`iss`); at most 8. Default: anything."),
                    HostField("timeout", .number, in: timeoutRange, "seconds", about: "Seconds for each answer; default 10."),
                ]),
        ],
        returns: [HostReturn("flow", .object(flowType))],
        "Declares another service where people log in, or this server itself (OAuth 2)."
    ) { call in
        if let refusal = call.declarationRefusal("services for logins") { return refusal }
        let generation = call.generation
        let declared = AuthDeclared.of(generation)
        let key: String
        switch declared.name(call, "oauth", count: declared.flows.count) {
        case .success(let found): key = found
        case .failure(let mistake): return .raise(mistake.text)
        }
        for name in ["token_url", "userinfo_url"] {
            guard let index = call.field(1, named: name) else { continue }
            if case .failure(let problem) = FetchURL.read(call.bytes(index)) { return .raise("bad field '\(name)' of 'auth.oauth' (\(problem.detail))") }
        }
        let issuers: [String]
        switch Self.issuers(call) {
        case .success(let found): issuers = found
        case .failure(let mistake): return .raise(mistake.text)
        }
        let id = call.string(field: "client_id", of: 1) ?? "", tokenURL = call.string(field: "token_url", of: 1) ?? ""
        let secretName = call.string(field: "client_secret", of: 1) ?? ""
        let secret = generation.module(AuthAPI.self).secrets[generation.id.name]?[secretName]
        let client = secret?.withText {
            OAuthClient(
                id: id, secret: $0, tokenURL: tokenURL, userinfoURL: call.string(field: "userinfo_url", of: 1) ?? "",
                redirectURI: call.string(field: "redirect_uri", of: 1) ?? "", issuers: issuers)
        }
        declared.flows.append(
            AuthDeclared.Flow(
                client: client, problem: "there is no secret \"\(secretName)\" in the configuration of this package",
                timeoutSeconds: call.number(field: "timeout", of: 1) ?? timeoutUsual,
                // A token of one client is none of another that a reload brings.
                key: "\(key) \(id) \(tokenURL)"))
        call.returnObject(flowType, Int64(declared.flows.count - 1))
        return .values
    }

    private static let issuersMax = 8

    private static func issuers(_ call: borrowing HostCall) -> Result<[String], AuthMistake> {
        guard let list = call.field(1, named: "issuers"), call.kind(list) == .table else { return .success([]) }
        let count = call.length(list)
        let texts = (0..<min(count, issuersMax)).compactMap { call.element(list, $0 + 1).flatMap { call.string($0) } }
        guard (1...issuersMax).contains(count), texts.count == count else {
            return .failure(AuthMistake(text: "bad field 'issuers' of 'auth.oauth' (a list of 1 to \(issuersMax) texts expected)"))
        }
        return .success(texts)
    }

    static let flow = HostType(id: flowType, name: "flow", methods: [identify, appToken], "A service where people log in.")

    private static let failure = [
        HostReturn(
            "code", .string, optional: true,
            "With nil: `refused`, `unreachable`, `bad_reply`, `no_secret`."),
        HostReturn("detail", .string, optional: true, "For the log; holds no code, no token, no secret."),
    ]

    private static let identify = HostFunction(
        "identify", [HostParameter("code", .string, optional: true, "What the browser brought; nil is never right.")],
        returns: [
            HostReturn(
                "identity", .table, optional: true, as: "nightjar.Identity",
                fields: [
                    HostField("subject", .string, required: true, about: "The service's id of the person."),
                    HostField("picture", .string, about: "Address of a picture, if it was asked for."),
                    HostField("name", .string, about: "What the person is called there, if it was asked for."),
                ])
        ] + failure, waits: true,
        "Asks the service who logged in: changes the code for a token, and that for an identity."
    ) { call in
        let generation = call.generation
        guard let flow = declared(call) else { return .raise("the service is not declared") }
        guard let client = flow.client else { return .failure(code: OAuthError.Code.noSecret.rawValue, detail: flow.problem) }
        let code = call.string(0) ?? ""
        let outgoing = generation.module(AuthAPI.self).outgoing
        let traffic = FetchTraffic.of(generation)
        generation.pendingWait = .operation { worker, token in
            AuthRun(AuthorizationCodeFlow(client), outgoing, traffic, timeoutSeconds: flow.timeoutSeconds, on: worker.eventLoop, token) {
                .plain(plain($0))
            }.begin { $0.begin(code: code) }
        }
        return .wait
    }

    private static let appToken = HostFunction(
        "app_token",
        [
            HostParameter(
                "options", .table, optional: true, as: "nightjar.AppTokenOptions",
                fields: [HostField("renew", .boolean, about: "The one before is of no use any more: the service has refused it.")])
        ],
        returns: [HostReturn("token", .string, optional: true)] + failure, waits: true,
        "Gives the access token of this server itself, which is kept until shortly before its end. Not for logs."
    ) { call in
        let generation = call.generation
        guard let flow = declared(call) else { return .raise("the service is not declared") }
        guard let client = flow.client else { return .failure(code: OAuthError.Code.noSecret.rawValue, detail: flow.problem) }
        let renewing = call.count > 0 && call.boolean(field: "renew", of: 0) == true
        let module = generation.module(AuthAPI.self)
        let clock = generation.services.wallClock
        let traffic = FetchTraffic.of(generation)
        generation.pendingWait = .operation { worker, token in
            switch module.shelf.ask(flow.key, client, renewing: renewing, now: clock(), waiting: token) {
            case .token(let text): token.finish(.values([.string(text)]))
            case .failed(let error): token.finish(.failure(code: error.code.rawValue, detail: error.detail))
            case .wait: break
            case .send(let request):
                AuthSender.send(
                    request, by: module.outgoing, NIOLoopBound(traffic, eventLoop: worker.eventLoop), timeoutSeconds: flow.timeoutSeconds, on: worker.eventLoop
                ) { module.shelf.received(flow.key, $0, now: clock()) }
            }
        }
        return .wait
    }

    private static func declared(_ call: borrowing HostCall) -> AuthDeclared.Flow? {
        let flows = AuthDeclared.of(call.generation).flows
        return flows.indices.contains(Int(call.handle)) ? flows[Int(call.handle)] : nil
    }

    @Sendable private static func plain(_ identity: Identity) -> [UInt8] {
        let members = [("subject", identity.subject), ("picture", identity.picture), ("name", identity.name)].compactMap { name, value in
            value.map { (name, $0) }
        }
        var writer = PlainWriter()
        writer.map(members.count)
        for (name, value) in members {
            writer.string(name)
            writer.string(value)
        }
        return writer.bytes
    }
}
