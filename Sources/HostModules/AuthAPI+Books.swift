import Auth
import Host
import LuaRuntime
import Store

/// `nightjar.auth.pending` and `nightjar.auth.tokens`: logins under way, and tokens that the package gives out itself.
extension AuthAPI {
    private static let pendingType = ObjectTypes.register("logins")
    private static let tokensType = ObjectTypes.register("tokens")
    private static let name = HostParameter("name", .string, "Names it within the package: 1…64 letters, digits, `_`, `-` or `.`.")

    // MARK: Pending logins

    private static let lifetimeRange = 1...86_400.0
    private static let lifetimeUsual = 600.0
    /// With values of the usual size some hundred megabytes; who logs in faster is no person.
    private static let limitRange = 1...100_000.0
    private static let limitUsual: Int64 = 10_000

    static let pending = HostFunction(
        module: "auth", "pending",
        [
            name,
            HostParameter(
                "options", .table, optional: true, as: "nightjar.PendingOptions",
                fields: [
                    HostField("lifetime", .number, in: lifetimeRange, "seconds", about: "Seconds that a value is kept; default 600."),
                    HostField("limit", .integer, in: limitRange, about: "Values at most, the oldest go; default 10000."),
                ]),
        ],
        returns: [HostReturn("book", .object(pendingType))],
        "Declares a book of logins that a browser has finished and whose program has not fetched them yet. It survives a reload, not a restart."
    ) { call in
        if let refusal = call.declarationRefusal("books of logins") { return refusal }
        let declared = AuthDeclared.of(call.generation)
        switch declared.name(call, "pending", count: declared.pending.count) {
        case .failure(let mistake): return .raise(mistake.text)
        case .success(let key):
            let lifetime = (call.count > 1 ? call.number(field: "lifetime", of: 1) : nil) ?? lifetimeUsual
            let limit = (call.count > 1 ? call.integer(field: "limit", of: 1) : nil) ?? limitUsual
            declared.pending.append(AuthDeclared.Pending(key: key, lifetimeMilliseconds: Int64(lifetime * 1_000), limit: Int(limit)))
            call.returnObject(pendingType, Int64(declared.pending.count - 1))
            return .values
        }
    }

    static let pendingBook = HostType(id: pendingType, name: "logins", methods: [put, take, clear], "Logins that wait to be fetched.")

    private static let key = HostParameter("key", .string, "1 to \(AuthLimits.pendingKeyBytes) bytes of UTF-8 that only the browser and the program know.")

    private static let put = HostFunction(
        "put", [key, HostParameter("value", .plain, "Not nil; at most \(AuthLimits.pendingValueBytes >> 10) KiB.")],
        "Keeps a value. A newer one with the same key takes the place of the older."
    ) { call in
        let generation = call.generation
        guard !generation.isLoading else { return .raise("logins:put is not available while the script is being loaded") }
        guard let key = pendingKey(call) else {
            return .raise("bad argument #1 to 'logins:put' (1 to \(AuthLimits.pendingKeyBytes) bytes of UTF-8 expected)")
        }
        guard !call.isNil(1) else { return .raise("bad argument #2 to 'logins:put' (a value expected)") }
        let value: [UInt8]
        do throws(ScriptError) { value = try call.plain(1) } catch { return .raise("bad argument #2 to 'logins:put' (\(error.message))") }
        guard value.count <= AuthLimits.pendingValueBytes else {
            return .raise("bad argument #2 to 'logins:put' (at most \(AuthLimits.pendingValueBytes) bytes expected)")
        }
        let book = AuthDeclared.of(generation).pending[Int(call.handle)]
        generation.module(AuthAPI.self).shelf.put(
            key, value, into: book.key, lifetime: book.lifetimeMilliseconds, limit: book.limit, now: generation.services.wallClock())
        return .none
    }

    private static let take = HostFunction(
        "take", [key], returns: [HostReturn("value", .plain, "nil: there is none, or it was taken already.")],
        "Gives the value of a key, to the first who asks."
    ) { call in
        let generation = call.generation
        guard !generation.isLoading else { return .raise("logins:take is not available while the script is being loaded") }
        let book = AuthDeclared.of(generation).pending[Int(call.handle)]
        guard let key = pendingKey(call),
            let value = generation.module(AuthAPI.self).shelf.take(key, from: book.key, now: generation.services.wallClock())
        else {
            call.returnNil()
            return .values
        }
        call.returnPlain(value)
        return .values
    }

    private static let clear = HostFunction("clear", [], "Forgets all values: whoever has not fetched theirs yet logs in again.") { call in
        let generation = call.generation
        guard !generation.isLoading else { return .raise("logins:clear is not available while the script is being loaded") }
        generation.module(AuthAPI.self).shelf.clear(AuthDeclared.of(generation).pending[Int(call.handle)].key)
        return .none
    }

    /// Keys come from other programs: what cannot be one is none that was put.
    private static func pendingKey(_ call: borrowing HostCall) -> String? {
        guard let bytes = call.bytes(0), (1...AuthLimits.pendingKeyBytes).contains(bytes.count) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    // MARK: Tokens

    private static let bytesRange = 8...64.0
    private static let bytesUsual: Int64 = 16
    private static let listMax = 10_000

    static let tokens = HostFunction(
        module: "auth", "tokens",
        [
            name,
            HostParameter(
                "options", .table, optional: true, as: "nightjar.TokenOptions",
                fields: [
                    HostField("bytes", .integer, in: bytesRange, about: "Random bytes of a token, which has twice as many hexadecimal digits; default 16.")
                ]),
        ],
        returns: [HostReturn("book", .object(tokensType))],
        """
        Declares a book of tokens that this package gives out: one for each subject, for good, in the store. Of a token only its SHA-256 \
        is kept: who reads the store cannot pose as anybody. At most \(AuthLimits.subjects) subjects.
        """
    ) { call in
        if let refusal = call.declarationRefusal("books of tokens") { return refusal }
        let generation = call.generation
        let declared = AuthDeclared.of(generation)
        switch declared.name(call, "tokens", count: declared.tokens.count) {
        case .failure(let mistake): return .raise(mistake.text)
        case .success(let key):
            let bytes = (call.count > 1 ? call.integer(field: "bytes", of: 1) : nil) ?? bytesUsual
            let shelf = generation.module(AuthAPI.self).shelf
            if generation.isAhead, !shelf.hasTokens(key), let refusal = generation.refusalAhead() { return refusal }
            declared.tokens.append(AuthDeclared.Tokens(book: shelf.tokens(key), bytes: Int(bytes)))
            call.returnObject(tokensType, Int64(declared.tokens.count - 1))
            return .values
        }
    }

    static let tokenBook = HostType(
        id: tokensType, name: "tokens", methods: [issue, find, of, update, list, erase, eraseAll],
        "Tokens that the package gives out. What only reads waits at most in the first moment after the start.")

    private static let subject = HostParameter("subject", .string, "Whose token; 1 to \(AuthLimits.subjectBytes) bytes of UTF-8.")
    private static let data = HostParameter("data", .plain, optional: true, "What to keep beside it; at most \(AuthLimits.dataBytes >> 10) KiB.")

    private static let issue = HostFunction(
        "issue", [subject, data], returns: [HostReturn("token", .string, optional: true, "It is nowhere else: hand it over.")] + StoreAPI.failure, waits: true,
        "Gives a subject a new token, on disk before this returns. Its older one is worth nothing from then on."
    ) { call in
        guard let subject = subject(call, 0) else { return mistake("issue") }
        let encoded: [UInt8]
        do throws(ScriptError) { encoded = try call.plain(1) } catch { return .raise("bad argument #2 to 'tokens:issue' (\(error.message))") }
        let generation = call.generation
        let tokens = declaredTokens(call)
        let clock = generation.services.wallClock
        generation.pendingWait = .operation { worker, token in
            tokens.book.issue(subject, bytes: tokens.bytes, data: encoded, now: clock(), on: worker.eventLoop) {
                token.finish(StoreAPI.answer($0) { [.string($0)] })
            }
        }
        return .wait
    }

    private static let find = HostFunction(
        "find", [HostParameter("token", .string, optional: true, "What somebody gave; nil is never right.")],
        returns: [HostReturn("subject", .string, optional: true, "nil: nobody has this token."), HostReturn("data", .plain)] + StoreAPI.failure.suffix(1), waits: true,
        "Tells whose token it is, and what is kept beside it. When the store cannot be read: nil, a code, a detail."
    ) { call in
        let given = call.bytes(0).map { Array($0.prefix(AuthLimits.tokenBytes)) } ?? []
        return read(&call) { book in
            guard let record = book.record(of: given) else { return [.null] }
            return [.string(record.subject), .plain(record.data)]
        }
    }

    private static let of = HostFunction(
        "of", [subject], returns: [HostReturn("data", .plain, "nil: it has no token."), HostReturn("issued", .number, optional: true, "Seconds since 1970.")] + StoreAPI.failure.suffix(1),
        waits: true, "Gives what is kept beside a subject's token."
    ) { call in
        guard let subject = subject(call, 0) else { return mistake("of") }
        return read(&call) { book in
            guard let record = book.record(ofSubject: subject) else { return [.null] }
            return [.plain(record.data), .number(Double(record.issued) / 1_000)]
        }
    }

    private static let list = HostFunction(
        "list", returns: [
            HostReturn(
                "entries", .table, optional: true,
                "By subject, at most \(listMax). `hint` are the first digits of the token's SHA-256, `issued` is in seconds since 1970.",
                as: "{subject: string, hint: string, issued: number, data: any}[]")
        ] + StoreAPI.failure, waits: true, "Lists who has a token."
    ) { call in
        read(&call) { book in
            let records = book.records.prefix(listMax)
            var writer = PlainWriter()
            writer.list(records.count)
            for record in records {
                writer.map(4)
                writer.string("subject")
                writer.string(record.subject)
                writer.string("hint")
                writer.string(record.hint)
                writer.string("issued")
                writer.number(Double(record.issued) / 1_000)
                writer.string("data")
                writer.plain(record.data)
            }
            return [.plain(writer.bytes)]
        }
    }

    private static let update = HostFunction(
        "update", [subject, HostParameter("data", .plain, "Takes the place of what is kept; at most \(AuthLimits.dataBytes >> 10) KiB.")],
        returns: [HostReturn("done", .boolean, optional: true, "nil, \"none\" if the subject has no token.")] + StoreAPI.failure, waits: true,
        "Replaces what is kept beside a subject's token."
    ) { call in
        guard let subject = subject(call, 0) else { return mistake("update") }
        let encoded: [UInt8]
        do throws(ScriptError) { encoded = try call.plain(1) } catch { return .raise("bad argument #2 to 'tokens:update' (\(error.message))") }
        let tokens = declaredTokens(call)
        call.generation.pendingWait = .operation { worker, token in
            tokens.book.update(subject, data: encoded, on: worker.eventLoop) { result in
                if case .success(false) = result { return token.finish(.failure(code: "none", detail: "the subject has no token")) }
                token.finish(StoreAPI.answer(result) { [.boolean($0)] })
            }
        }
        return .wait
    }

    private static let erase = HostFunction(
        "erase", [subject], returns: [HostReturn("erased", .boolean, optional: true, "false: it had none.")] + StoreAPI.failure, waits: true,
        "Takes a subject's token back."
    ) { call in
        guard let subject = subject(call, 0) else { return mistake("erase") }
        let tokens = declaredTokens(call)
        call.generation.pendingWait = .operation { worker, token in
            tokens.book.erase(subject, on: worker.eventLoop) { token.finish(StoreAPI.answer($0) { [.boolean($0)] }) }
        }
        return .wait
    }

    private static let eraseAll = HostFunction(
        "erase_all", returns: [HostReturn("erased", .integer, optional: true, "How many there were.")] + StoreAPI.failure, waits: true,
        "Takes all tokens back."
    ) { call in
        let tokens = declaredTokens(call)
        call.generation.pendingWait = .operation { worker, token in
            tokens.book.eraseAll(on: worker.eventLoop) { token.finish(StoreAPI.answer($0) { [.integer(Int64($0))] }) }
        }
        return .wait
    }

    /// Answers at once when the book is in memory, else after it has been read from the store.
    private static func read(_ call: inout HostCall, _ answer: @escaping @Sendable (TokenBook) -> [WaitValue]) -> HostResult {
        let book = declaredTokens(call).book
        if book.isReady {
            for value in answer(book) { call.returnValue(value) }
            return .values
        }
        call.generation.pendingWait = .operation { worker, token in
            book.read(on: worker.eventLoop) { token.finish(StoreAPI.answer($0) { answer(book) }) }
        }
        return .wait
    }

    private static func declaredTokens(_ call: borrowing HostCall) -> AuthDeclared.Tokens { AuthDeclared.of(call.generation).tokens[Int(call.handle)] }

    private static func subject(_ call: borrowing HostCall, _ index: Int) -> String? {
        guard let bytes = call.bytes(index), (1...AuthLimits.subjectBytes).contains(bytes.count) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func mistake(_ method: String) -> HostResult {
        .raise("bad argument #1 to 'tokens:\(method)' (1 to \(AuthLimits.subjectBytes) bytes of UTF-8 expected)")
    }
}

extension HostCall {
    /// A value that would have ended a wait.
    fileprivate mutating func returnValue(_ value: WaitValue) {
        switch value {
        case .null: returnNil()
        case .boolean(let value): returnBoolean(value)
        case .integer(let value): returnInteger(value)
        case .number(let value): returnNumber(value)
        case .bytes(let value): returnBytes(value)
        case .string(let value): returnString(value)
        case .json(let value): returnJSON(value)
        case .plain(let value): returnPlain(value)
        }
    }
}
