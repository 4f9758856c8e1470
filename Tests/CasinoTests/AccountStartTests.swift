import Foundation
import NIOCore
import NightjarTesting
import Store
import Testing

@testable import Games

/// `nightjar.account` of a package that is ready before the casino has started: where a platform's credits are is not known then.
@Suite(.serialized, .timeLimit(.minutes(1))) struct AccountStartTests {
    private static let shop = """
        local nightjar = require "nightjar"
        local M, told = {}, "nothing yet"
        local function commit(realm)
          local credits, second = nightjar.account.commit {
            id = realm, realm = realm, user = "ann", open = 0, entries = { { kind = "gift", amount = 5 } },
          }
          return realm .. " " .. tostring(credits) .. " " .. tostring(second)
        end
        function M.on_ready()
          local all = {}
          for _, realm in ipairs { "demo", "pocket", "house", "shop" } do all[#all + 1] = commit(realm) end
          local balance = nightjar.account.balance { realm = "pocket", user = "ann" }
          told = table.concat(all, ", ") .. ", pocket has " .. tostring(balance)
        end
        nightjar.http.get("/told", function() return told end)
        nightjar.http.get("/commit/:realm", function(request) return commit(request.params.realm) end)
        nightjar.http.get("/balance/:realm", function(request)
          local credits, code = nightjar.account.balance { realm = request.params.realm, user = "ann" }
          return tostring(credits) .. " " .. tostring(code)
        end)
        return M
        """

    private func options() -> ServerOptions {
        var options = ServerOptions.casino()
        options.packages["shop"] = Self.shop
        for (name, wallet) in ["pocket": "memory", "house": "remote"] {
            options.files["Scripts/casino/platforms/\(name).lua"] = "return { wallet = '\(wallet)', authenticate = function() return nil, 'nobody' end }"
        }
        return options
    }

    private func isStored(_ realm: String, in server: TestServer) async throws -> Bool {
        let key = AccountKey(realm: realm, user: "ann", denom: "credit")
        return try await answer("the account") { done in
            server.store.account(key, initialCredits: nil, on: server.anyLoop) { done((try? $0.get()) != nil) }
        }
    }

    /// Credits of a platform in memory are given there, those at an operator's are not touched, and nothing of either is in the store.
    @Test func whatIsReadyFirstWaitsUntilItIsKnownWhereCreditsAre() async throws {
        let server = try await TestServer(options())
        let told = try await eventually("the end of on_ready") { () -> String? in
            let told = try await server.get("/told")
            return told == "nothing yet" ? nil : told
        }
        #expect(told == "demo 5 false, pocket 5 false, house nil kept_elsewhere, shop 5 false, pocket has 5")
        for (realm, wanted) in [("demo", true), ("shop", true), ("pocket", false), ("house", false)] {
            #expect(try await isStored(realm, in: server) == wanted, "\(realm)")
        }
        await server.stop()
    }

    @Test func moneyOfAPlatformWhoseFileIsGoneIsStillItsOperators() async throws {
        var options = options()
        options.files["Scripts/casino/platforms/house.lua"] = nil
        options.casino?.wallets["house"] = WalletSettings(
            url: "http://127.0.0.1:9/wallet", secret: Array(repeating: 7, count: 32), timeout: .milliseconds(100))
        let server = try await TestServer(options)
        #expect(try await server.get("/commit/demo").hasPrefix("demo 5 "))
        #expect(try await server.get("/commit/house") == "house nil kept_elsewhere")
        #expect(try await !isStored("house", in: server))
        await server.stop()
    }

    /// A casino that does not load says nothing of its platforms: their accounts are left alone, the package's own are not.
    @Test func withoutACasinoThatLoadsNothingOfAPlatformIsChanged() async throws {
        var options = options()
        options.files["Scripts/casino/main.lua"] = "error('broken')"
        let server = try await TestServer(options)
        #expect(try await server.get("/commit/house") == "house nil unavailable")
        #expect(try await server.get("/commit/demo") == "demo nil unavailable")
        #expect(try await server.get("/balance/demo") == "nil unavailable")
        #expect(try await server.get("/commit/shop").hasPrefix("shop 5 "))
        #expect(try await server.get("/balance/shop").hasPrefix("5 "))
        #expect(try await !isStored("house", in: server))
        await server.stop()
    }

    /// One that is too busy to say at the start where credits are is asked again.
    @Test func aCasinoThatCouldNotAnswerIsAskedAgain() async throws {
        var options = options()
        options.files["Scripts/casino/main.lua"] = """
            local nightjar = require "nightjar"
            local asked = 0
            nightjar.provide("casino.wallets", function()
              asked = asked + 1
              if asked == 1 then error("busy") end
              return { demo = "stored" }
            end)
            nightjar.provide("casino.sites", function() return nightjar.json.array {} end)
            return {}
            """
        let server = try await TestServer(options)
        #expect(try await server.get("/balance/demo") == "nil unavailable")
        try await eventually("the second answer") { try await server.get("/commit/demo").hasPrefix("demo 5 ") }
        await server.stop()
    }
}
