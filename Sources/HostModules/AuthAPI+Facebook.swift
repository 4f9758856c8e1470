import Auth
import Bytes
import Host
import LuaRuntime

/// `nightjar.auth.facebook`: users of an app at Facebook.
extension AuthAPI {
    private static let appType = ObjectTypes.register("facebook")
    /// Seconds for each of two answers: a player waits for both, and the start of a session has 30.
    private static let timeoutRange = 0.05...14.0
    private static let timeoutUsual = 10.0

    static let facebook = HostFunction(
        module: "auth", "facebook",
        [
            HostParameter("name", .string, "Names the app within the package: 1…64 letters, digits, `_`, `-` or `.`."),
            HostParameter(
                "options", .table, as: "nightjar.FacebookOptions",
                fields: [
                    HostField("app_id", .string, required: true, about: "Of the app."),
                    HostField("app_secret", .string, required: true, about: "Name of a secret of this package."),
                    HostField("graph_url", .string, about: "Where the Graph API answers, without a slash at the end; default \"https://graph.facebook.com\"."),
                    HostField("timeout", .number, in: timeoutRange, "seconds", about: "Seconds for each of two answers; default 10."),
                ]),
        ],
        returns: [HostReturn("app", .object(appType))],
        "Declares an app at Facebook, whose users come here."
    ) { call in
        if let refusal = call.declarationRefusal("apps at Facebook") { return refusal }
        let generation = call.generation
        let declared = AuthDeclared.of(generation)
        if case .failure(let mistake) = declared.name(call, "facebook", count: declared.apps.count) { return .raise(mistake.text) }
        if let index = call.field(1, named: "graph_url"), case .failure(let problem) = FetchURL.read(call.bytes(index)) {
            return .raise("bad field 'graph_url' of 'auth.facebook' (\(problem.detail))")
        }
        let id = call.string(field: "app_id", of: 1) ?? "", name = call.string(field: "app_secret", of: 1) ?? ""
        let graphURL = call.string(field: "graph_url", of: 1) ?? "https://graph.facebook.com"
        let secret = generation.module(AuthAPI.self).secrets[generation.id.name]?[name]
        declared.apps.append(
            AuthDeclared.App(
                app: secret?.withText { FacebookApp(id: id, secret: $0, graphURL: graphURL) },
                problem: "there is no secret \"\(name)\" in the configuration of this package",
                timeoutSeconds: call.number(field: "timeout", of: 1) ?? timeoutUsual))
        call.returnObject(appType, Int64(declared.apps.count - 1))
        return .values
    }

    static let facebookApp = HostType(id: appType, name: "facebook", methods: [identifyUser, signedRequest], "An app at Facebook.")

    private static let identifyUser = HostFunction(
        "identify",
        [
            HostParameter("token", .string, optional: true, "The user's access token, as the client brought it; nil is never right."),
            HostParameter("user", .string, optional: true, "The user's id that the client brought with it; nil: whoever it is."),
        ],
        returns: [
            HostReturn(
                "user", .table, optional: true, as: "nightjar.FacebookUser",
                fields: [
                    HostField("id", .string, required: true, about: "The user's id."),
                    HostField("profile", .table, as: "table<string, any>", about: "`id`, and `name`, `email`, `picture` as far as the app may see them; nil: none was to be had."),
                    HostField("problem", .string, about: "Why there is no profile, for the log."),
                ]),
            HostReturn("code", .string, optional: true, "With nil: `refused`, `unreachable`, `bad_reply`, `no_secret`."),
            HostReturn("detail", .string, optional: true, "For the log; holds no token and no secret."),
        ],
        waits: true,
        "Asks Facebook whether a token is a valid one of this app and this user, then who it is."
    ) { call in
        let generation = call.generation
        guard let declared = app(call) else { return .raise("the app is not declared") }
        guard let app = declared.app else { return .failure(code: OAuthError.Code.noSecret.rawValue, detail: declared.problem) }
        let token = call.string(0) ?? "", user = call.isNil(1) ? nil : call.string(1) ?? ""
        let outgoing = generation.module(AuthAPI.self).outgoing
        let traffic = FetchTraffic.of(generation)
        let now = generation.services.wallClock()
        generation.pendingWait = .operation { worker, wait in
            let check = FacebookCheck(app, now: now)
            AuthRun(check, outgoing, traffic, timeoutSeconds: declared.timeoutSeconds, on: worker.eventLoop, wait) { .json(json($0)) }
                .begin { $0.begin(token: token, user: user) }
        }
        return .wait
    }

    private static let signedRequest = HostFunction(
        "signed_request", [HostParameter("text", .string, optional: true, "The form field `signed_request`; nil is never right.")],
        returns: [
            HostReturn("payload", .table, optional: true, "What Facebook says: `user_id`, `oauth_token` and more.", as: "table<string, any>"),
            HostReturn("code", .string, optional: true, "With nil: `missing`, `malformed`, `algorithm`, `signature`, `expired`, `no_secret`."),
            HostReturn("detail", .string, optional: true, "For the log; holds nothing of the request."),
        ],
        "Checks what Facebook posts to an app's page."
    ) { call in
        guard let declared = app(call) else { return .raise("the app is not declared") }
        guard let app = declared.app else { return .failure(code: OAuthError.Code.noSecret.rawValue, detail: declared.problem) }
        do throws(JWTError) {
            guard let text = call.bytes(0) else { throw JWTError(.missing, "there is no signed request") }
            let payload = try app.payload(ofSignedRequest: text, now: call.generation.services.wallClock())
            guard payload.withUnsafeBytes({ (try? JSONObject($0)) != nil }) else { throw JWTError(.malformed, "the payload is nested too deep") }
            call.returnJSON(payload)
            return .values
        } catch { return .failure(code: error.code.rawValue, detail: error.detail) }
    }

    private static func app(_ call: borrowing HostCall) -> AuthDeclared.App? {
        let apps = AuthDeclared.of(call.generation).apps
        return apps.indices.contains(Int(call.handle)) ? apps[Int(call.handle)] : nil
    }

    @Sendable private static func json(_ user: FacebookUser) -> [UInt8] {
        var text = Array("{\"id\":".utf8)
        text.append(jsonString: user.id)
        var problem = user.problem
        if let profile = user.profile {
            // What the runtime would not read is no profile.
            if profile.withUnsafeBytes({ (try? JSONObject($0)) != nil }) {
                text.append(text: ",\"profile\":")
                text += profile
            } else {
                problem = "the profile: it is nested too deep, or no JSON"
            }
        }
        if let problem {
            text.append(text: ",\"problem\":")
            text.append(jsonString: problem)
        }
        text.append(text: "}")
        return text
    }
}
