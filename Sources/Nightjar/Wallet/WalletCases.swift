import Games

/// What every wallet must do, a case each.
enum WalletCases {
    struct Case: Sendable {
        let title: String
        let body: @Sendable (WalletBench) async throws -> Void

        init(_ title: String, _ body: @escaping @Sendable (WalletBench) async throws -> Void) {
            self.title = title
            self.body = body
        }
    }

    static let all = players + signatures + forms + debits + credits + rollbacks + concurrent

    private static let players = [
        Case("authenticate tells the player, the currency and the balance") { bench in
            let reply = await bench.probe.send(bench.authenticate())
            guard case .accepted(let told) = reply.answer, told.player == bench.player.id, told.currency == bench.player.currency else {
                throw WalletTrial.Finding(text: WalletBench.words(reply))
            }
            try bench.equal(told.balance, try await bench.balance(), "its balance")
        },
        Case("authenticate refuses a token that is not the player's") { bench in
            try await bench.refused(bench.authenticate(token: bench.player.token + "?"), .authFailed)
            try await bench.refused(bench.authenticate(token: ""), .authFailed)
        },
        Case("a player who does not exist is refused") { bench in
            let nobody = WalletCall.Holder(player: WalletBench.id(), currency: bench.player.currency)
            try await bench.refused(.balance(id: WalletBench.id(), nobody), .unknownPlayer)
            try await bench.refused(bench.debitCall(1, holder: nobody), .unknownPlayer)
        },
        Case("a currency that is not the player's is refused") { bench in
            try await bench.unmoved {
                // ISO 4217: no currency, so no player has an account in it.
                let other = WalletCall.Holder(player: bench.player.id, currency: "XXX")
                try await bench.refused(bench.debitCall(1, holder: other), .wrongCurrency)
            }
        },
    ]

    private static let signatures = [
        Case("a call without a signature is refused") { bench in
            try await bench.unmoved { try await bench.refused(bench.debitCall(1), .badSignature, .unsigned) }
        },
        Case("a signature with another secret is refused") { bench in
            try await bench.unmoved { try await bench.refused(bench.debitCall(1), .badSignature, .foreign) }
        },
        Case("a signature of another call is refused") { bench in
            try await bench.unmoved { try await bench.refused(bench.debitCall(1), .badSignature, .sentAs(.credit)) }
        },
        Case("a signature of ten minutes ago is refused") { bench in
            try await bench.unmoved { try await bench.refused(bench.debitCall(1), .badSignature, .aged(600_000)) }
        },
        Case("a signature of two minutes ago is accepted, for clocks differ") { bench in
            try await bench.accepted(.balance(id: WalletBench.id(), bench.holder), .aged(120_000))
        },
    ]

    private static let forms = [
        Case("a debit or credit without an amount is refused") { bench in
            try await bench.unmoved {
                try await bench.refused(try bench.raw(.debit, ""), .badRequest)
                try await bench.refused(try bench.raw(.credit, ""), .badRequest)
            }
        },
        Case("amounts that are not whole numbers from 1 are refused") { bench in
            try await bench.unmoved {
                for amount in ["0", "-1", "1.5", "\"1\"", "null", "1e400"] {
                    try await bench.refused(try bench.raw(.debit, ",\"amount\":\(amount)"), .badRequest)
                    try await bench.refused(try bench.raw(.credit, ",\"amount\":\(amount)"), .badRequest)
                }
            }
        },
        Case("members that the wallet does not know are ignored") { bench in
            let before = try await bench.balance()
            let call = try bench.raw(.debit, #","amount":1,"site":"check","game":"check","round":"r","kinds":["bet"],"later":{"more":[1]}"#)
            try bench.equal(try await bench.accepted(call), before - 1, "the balance")
            try bench.equal(try await bench.credit(1), before, "the balance afterwards")
        },
    ]

    private static let debits = [
        Case("a debit takes exactly its amount, a credit gives exactly its amount") { bench in
            let before = try await bench.balance()
            try bench.equal(try await bench.debit(7), before - 7, "the balance after a debit of 7")
            try bench.equal(try await bench.balance(), before - 7, "the balance asked for")
            try bench.equal(try await bench.credit(7), before, "the balance after a credit of 7")
        },
        Case("a debit that comes again counts once") { bench in
            let before = try await bench.balance()
            let id = WalletBench.id()
            for _ in 0..<3 { try bench.equal(try await bench.debit(5, id: id), before - 5, "the balance") }
            _ = try await bench.credit(5)
        },
        Case("the id of a debit cannot be used for another amount") { bench in
            let id = WalletBench.id()
            let after = try await bench.debit(5, id: id)
            try await bench.refused(bench.debitCall(6, id: id), .idConflict)
            try bench.equal(try await bench.balance(), after, "the balance")
            _ = try await bench.credit(5)
        },
        Case("a debit above the balance is refused, and takes nothing") { bench in
            try await bench.unmoved {
                try await bench.refused(bench.debitCall(try await bench.balance() + 1), .insufficientFunds)
                try await bench.refused(bench.debitCall(.max), .insufficientFunds)
            }
        },
        Case("the whole balance can be staked") { bench in
            let before = try await bench.balance()
            let id = WalletBench.id()
            try bench.equal(try await bench.debit(before, id: id), 0, "the balance")
            try await bench.refused(bench.debitCall(1), .insufficientFunds)
            try bench.equal(try await bench.rollback(id), before, "the balance after the rollback")
        },
    ]

    private static let credits = [
        Case("a credit that comes again counts once") { bench in
            let before = try await bench.balance()
            let id = WalletBench.id()
            for _ in 0..<3 { try bench.equal(try await bench.credit(5, id: id), before + 5, "the balance") }
            _ = try await bench.debit(5)
        },
        Case("the id of a credit cannot be used for another amount") { bench in
            let id = WalletBench.id()
            let after = try await bench.credit(5, id: id)
            try await bench.refused(bench.creditCall(6, id: id), .idConflict)
            try bench.equal(try await bench.balance(), after, "the balance")
            _ = try await bench.debit(5)
        },
        Case("debits and credits share their ids") { bench in
            let id = WalletBench.id()
            let after = try await bench.debit(5, id: id)
            try await bench.refused(bench.creditCall(5, id: id), .idConflict)
            try bench.equal(try await bench.balance(), after, "the balance")
            _ = try await bench.credit(5)
        },
    ]

    private static let rollbacks = [
        Case("a rollback gives a stake back, once") { bench in
            let before = try await bench.balance()
            let id = WalletBench.id()
            _ = try await bench.debit(5, id: id)
            for _ in 0..<3 { try bench.equal(try await bench.rollback(id), before, "the balance") }
        },
        Case("a rollback that comes again with its own id counts once") { bench in
            let before = try await bench.balance()
            let id = WalletBench.id()
            _ = try await bench.debit(5, id: id)
            let call = bench.rollbackCall(id)
            for _ in 0..<2 { try bench.equal(try await bench.accepted(call), before, "the balance") }
        },
        Case("a debit that comes again after its rollback is refused") { bench in
            let id = WalletBench.id()
            try await bench.unmoved {
                _ = try await bench.debit(5, id: id)
                _ = try await bench.rollback(id)
                try await bench.refused(bench.debitCall(5, id: id), .rolledBack)
            }
        },
        Case("a rollback of a debit that never came is accepted, and the debit is refused when it comes late") { bench in
            let id = WalletBench.id()
            try await bench.unmoved {
                for _ in 0..<2 { _ = try await bench.rollback(id) }
                try await bench.refused(bench.debitCall(5, id: id), .rolledBack)
            }
        },
        Case("a credit cannot be rolled back") { bench in
            let id = WalletBench.id()
            let after = try await bench.credit(5, id: id)
            try await bench.refused(bench.rollbackCall(id), .idConflict)
            try bench.equal(try await bench.balance(), after, "the balance")
            _ = try await bench.debit(5)
        },
    ]

    private static let concurrent = [
        Case("at once: the same debit many times counts once") { bench in
            let before = try await bench.balance()
            let call = bench.debitCall(3)
            let answers = await bench.together(Array(repeating: call, count: WalletTrial.atOnce))
            try bench.equal(Int64(answers.accepted), Int64(WalletTrial.atOnce), "the number of accepted calls")
            try bench.equal(try await bench.balance(), before - 3, "the balance")
            _ = try await bench.credit(3)
        },
        Case("at once: the same credit many times counts once") { bench in
            let before = try await bench.balance()
            let answers = await bench.together(Array(repeating: bench.creditCall(3), count: WalletTrial.atOnce))
            try bench.equal(Int64(answers.accepted), Int64(WalletTrial.atOnce), "the number of accepted calls")
            try bench.equal(try await bench.balance(), before + 3, "the balance")
            _ = try await bench.debit(3)
        },
        Case("at once: many debits and credits are all counted") { bench in
            let before = try await bench.balance()
            let calls = (0..<WalletTrial.atOnce).map { $0 % 2 == 0 ? bench.debitCall(3) : bench.creditCall(2) }
            let answers = await bench.together(calls)
            try bench.equal(Int64(answers.accepted), Int64(calls.count), "the number of accepted calls")
            let difference = Int64(WalletTrial.atOnce / 2)
            try bench.equal(try await bench.balance(), before - difference, "the balance")
            _ = try await bench.credit(difference)
        },
        Case("at once: of stakes that are not all covered only so many are taken as are") { bench in
            let before = try await bench.balance()
            let part = before / 3 + 1
            let calls = (0..<WalletTrial.atOnce).map { _ in bench.debitCall(part) }
            let answers = await bench.together(calls)
            try bench.equal(Int64(answers.accepted), before / part, "the number of accepted calls")
            try bench.equal(Int64(answers.refused(.insufficientFunds)), Int64(calls.count) - before / part, "the number of refused calls")
            try bench.equal(try await bench.balance(), before - before / part * part, "the balance")
            for call in calls { _ = try await bench.rollback(call.id) }
            try bench.equal(try await bench.balance(), before, "the balance after all were rolled back")
        },
        Case("at once: a debit and its rollback leave the balance as it was, whichever comes first") { bench in
            let before = try await bench.balance()
            for _ in 0..<8 {
                let debit = bench.debitCall(3)
                _ = await bench.together([debit, bench.rollbackCall(debit.id), debit, bench.rollbackCall(debit.id)])
                _ = try await bench.rollback(debit.id)
                try bench.equal(try await bench.balance(), before, "the balance")
                try await bench.refused(debit, .rolledBack)
            }
        },
    ]
}
