import Bytes
import Crypto
import Host
import LuaRuntime
import NIOCore
import Store

/// `nightjar.account`: balances of users, and changes of them in one transaction with keys and what is to be told outside.
///
/// An account is a user of a realm in a denomination. A package has a realm of its own, named like it; players of the casino are in the
/// realm of their platform, and a change of theirs is told to their sessions.
struct AccountAPI: HostModule {
    /// Nil: there is no ledger, as in tests of a part.
    let desk: AccountDesk?

    var functions: [HostFunction] { [Self.balance, Self.commit] }

    private static let idBytesMax = 256
    private static let itemsMax = 64
    /// The second of two results is a code where the first is nil.
    private static func returns(_ name: String, _ types: HostValueTypes, _ about: String) -> [HostReturn] {
        [
            HostReturn("credits", .integer, optional: true, "Smallest unit; nil: it failed."),
            HostReturn(name, types.union(.string), optional: true, "\(about) With nil a code: \(codes)."),
            HostReturn("detail", .string, optional: true, "With a code."),
        ]
    }

    private static let codes = "`not_found`, `insufficient_credits`, `credits_overflow`, `id_taken`, `kept_elsewhere`, `kept_in_memory`, `unavailable`, `busy` …"

    private static let place = [
        HostField("user", .string, required: true, about: "The user's id within the realm."),
        HostField("denom", .string, about: "The denomination; default \"credit\"."),
        HostField("realm", .string, about: "A platform of the casino, like \"demo\"; default: the package's own."),
    ]

    private static let balance = HostFunction(
        module: "account", "balance",
        [HostParameter("of", .table, "Whose.", as: "nightjar.AccountPlace", fields: place)],
        returns: returns("version", .integer, "Rises with each change."),
        waits: true,
        "Reads a balance. Of an account that was never opened: nil, \"not_found\"."
    ) { call in
        let key: AccountKey
        switch account(call) {
        case .success(let found): key = found
        case .failure(let mistake): return .raise(mistake.text)
        }
        guard let desk = call.generation.module(AccountAPI.self).desk else { return noLedger }
        let holders = holders(call.generation)
        let package = call.generation.id.name
        call.generation.pendingWait = .operation { worker, token in
            let loop = worker.eventLoop
            whenReady(holders, token) {
                let done = { @Sendable (result: Result<Account, StoreError>) in
                    switch result {
                    case .success(let account): token.finish(.values([.integer(account.credits), .integer(account.version)]))
                    case .failure(let error): token.finish(.failure(code: error.code.rawValue, detail: error.detail))
                    }
                }
                do throws(StoreError) {
                    var ledger: (any Ledger)?
                    for holder in holders where ledger == nil { ledger = try holder.ledger(of: key, asking: package) }
                    desk.account(key, in: ledger, on: loop, done)
                } catch {
                    done(.failure(error))
                }
            }
        }
        return .wait
    }

    private static let commit = HostFunction(
        module: "account", "commit",
        [
            HostParameter(
                "change", .table, "What is changed: all of it in one transaction, or nothing.", as: "nightjar.AccountChange",
                fields: place + [
                    HostField(
                        "id", .string, required: true,
                        about: "Names the change, 1 to \(idBytesMax) bytes: the same id has one effect, however often it is asked for."),
                    HostField(
                        "entries", .table, as: "{kind: string, amount?: integer, to?: integer}[]",
                        about: "Movements of credits: `amount` is added, negative ones are taken; `to` replaces the balance."),
                    HostField("keys", .table, as: "table[]", about: "Changes of the package's keys, as for `store.batch`."),
                    HostField(
                        "outbox", .table, as: "{topic: string, key: string, body: table}[]", about: "What is to be told outside until it was accepted."),
                    HostField("open", .integer, in: 0...9e15, about: "Opens the account with so many credits if there is none."),
                ]),
        ],
        returns: returns("repeated", .boolean, "Whether it had been made before, by the same id."),
        waits: true,
        "Changes an account, once for its id. If it fails with `unavailable`, ask again with the same id: it may stand."
    ) { call in
        let generation = call.generation
        let change: Adjustment
        switch adjustment(call, generation) {
        case .success(let made): change = made
        case .failure(let mistake): return .raise(mistake.text)
        }
        guard let desk = generation.module(AccountAPI.self).desk else { return noLedger }
        let holders = holders(generation)
        generation.pendingWait = .operation { worker, token in
            let loop = worker.eventLoop
            let done = { @Sendable (result: Result<Adjusted, AdjustFailure>) in
                switch result {
                case .success(let done): token.finish(.values([.integer(done.credits), .boolean(done.isRepeated)]))
                case .failure(.insufficient): token.finish(.failure(code: "insufficient_credits", detail: "the balance does not cover it"))
                case .failure(.overflow): token.finish(.failure(code: "credits_overflow", detail: "the balance would become too large"))
                case .failure(.keptElsewhere):
                    token.finish(.failure(code: "kept_elsewhere", detail: "the credits are kept in the operator's wallet, and change there"))
                case .failure(.keptInMemory):
                    token.finish(.failure(code: "kept_in_memory", detail: "the account is in memory, and neither keys nor what is told outside is"))
                case .failure(.taken): token.finish(.failure(code: "id_taken", detail: "another account was changed with this id"))
                case .failure(.unknown(let error)): token.finish(.failure(code: error.code.rawValue, detail: error.detail))
                }
            }
            whenReady(holders, token) {
                // Whoever holds the account open makes the change, so that what he knows of it stays true.
                for holder in holders where holder.adjust(change, on: loop, done) { return }
                desk.adjust(change, on: loop, done)
            }
        }
        return .wait
    }

    private static func holders(_ generation: Generation) -> [any AccountHolder] {
        generation.services.registry.modules.compactMap { $0 as? any AccountHolder }
    }

    /// While the server starts (`on_ready` of a package that is loaded before the casino has begun) nobody knows yet whose accounts are
    /// in the store and whose are not.
    private static func whenReady(
        _ holders: [any AccountHolder], _ token: WaitToken, _ body: @escaping @Sendable () -> Void
    ) {
        guard let holder = holders.first else { return body() }
        let rest = Array(holders.dropFirst())
        guard !holder.whenReady({ whenReady(rest, token, body) }) else { return }
        token.finish(.failure(code: "busy", detail: "too many changes wait for the server's start"))
    }

    private static var noLedger: HostResult { .failure(code: "unavailable", detail: "this server keeps no accounts") }

    // MARK: Arguments

    private struct Mistake: Error {
        let text: String

        init(_ text: String) { self.text = "bad field \(text) of 'nightjar.account'" }
    }

    private static func account(_ call: borrowing HostCall) -> Result<AccountKey, Mistake> {
        let key = AccountKey(
            realm: call.string(field: "realm", of: 0) ?? call.generation.id.name, user: call.string(field: "user", of: 0) ?? "",
            denom: call.string(field: "denom", of: 0) ?? "credit")
        for (name, text) in [("realm", key.realm), ("user", key.user), ("denom", key.denom)]
        where !(1...StoreLimits.nameBytes).contains(text.utf8.count) || text.utf8.contains(0) {
            return .failure(Mistake("'\(name)' (1 to \(StoreLimits.nameBytes) bytes, none of them 0, expected)"))
        }
        return .success(key)
    }

    private static func adjustment(_ call: borrowing HostCall, _ generation: Generation) -> Result<Adjustment, Mistake> {
        let key: AccountKey
        switch account(call) {
        case .success(let found): key = found
        case .failure(let mistake): return .failure(mistake)
        }
        guard let name = call.string(field: "id", of: 0), (1...idBytesMax).contains(name.utf8.count) else {
            return .failure(Mistake("'id' (1 to \(idBytesMax) bytes expected)"))
        }
        var change = Adjustment(
            account: key, id: id(name, of: generation), opening: call.integer(field: "open", of: 0), movements: [], source: generation.id.name)
        if let list = call.field(0, "entries") {
            for position in 0..<call.length(list) {
                guard position < itemsMax, let index = call.element(list, position + 1), let found = movement(call, index) else {
                    return .failure(Mistake("'entries' (at most \(itemsMax), each with a kind, and amount or to, expected)"))
                }
                change.movements.append(found)
            }
        }
        if let list = call.field(0, "outbox") {
            for position in 0..<call.length(list) {
                guard position < itemsMax, let index = call.element(list, position + 1), let found = item(call, index, generation) else {
                    return .failure(Mistake("'outbox' (at most \(itemsMax), each with topic, key and body, expected)"))
                }
                change.outbox.append(found)
            }
        }
        guard let list = call.field(0, "keys") else { return .success(change) }
        var bytes = 0
        for position in 0..<call.length(list) {
            guard position < StoreLimits.writesPerBatch, let index = call.element(list, position + 1) else {
                return .failure(Mistake("'keys' (at most \(StoreLimits.writesPerBatch) changes expected)"))
            }
            switch StoreAPI.change(call, at: index, generation) {
            case .success(let found):
                if case .set(_, let value, _) = found { bytes += value.count }
                guard bytes <= StoreLimits.batchBytes else {
                    return .failure(Mistake("'keys' (at most \(StoreLimits.batchBytes) bytes of values expected)"))
                }
                change.keys.append(found)
            case .failure(let mistake): return .failure(Mistake("'keys' (\(mistake.text))"))
            }
        }
        return .success(change)
    }

    private static func item(_ call: borrowing HostCall, _ index: Int, _ generation: Generation) -> OutboxItem? {
        guard let topic = call.field(index, "topic").flatMap({ call.string($0) }), let key = call.field(index, "key").flatMap({ call.string($0) }),
            let body = call.field(index, "body"), let text = try? call.json(body)
        else { return nil }
        let name = OutboxAPI.topicName(topic, of: generation)
        return OutboxItem(topic: name, key: "\(name):\(key)", body: text)
    }

    private static func movement(_ call: borrowing HostCall, _ index: Int) -> Adjustment.Movement? {
        guard let kind = call.field(index, "kind").flatMap({ call.string($0) }).flatMap({ LedgerKind(rawValue: $0) }), kind != .opening
        else { return nil }
        let amount = call.field(index, "amount").flatMap { call.integer($0) }, to = call.field(index, "to").flatMap { call.integer($0) }
        switch (amount, to) {
        case (let amount?, nil): return Adjustment.Movement(kind: kind, amount: .by(amount))
        case (nil, let to?) where to >= 0: return Adjustment.Movement(kind: kind, amount: .to(to))
        default: return nil
        }
    }

    /// The id in the journal: another one for each package, so that two that count their purchases from 1 do not meet.
    private static func id(_ name: String, of generation: Generation) -> StateID {
        let digest = SHA256.hash(data: Array("\(generation.id.name)\u{0}\(name)".utf8))
        return StateID(bytes: Array(digest.prefix(16)))!
    }
}
