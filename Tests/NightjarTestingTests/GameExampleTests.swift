// example
import Foundation
import NightjarTesting
import Testing

@Suite struct CoinTossTests {
    /// What a test wants to know of a message.
    private struct Told: Decodable {
        struct Wallet: Decodable { var credits: Int }
        struct State: Decodable { var id: String, name: String }
        var code: String?
        var wallet: Wallet?
        var gamestate: State?
    }

    private func next(_ player: WebSocketTestClient) async throws -> Told {
        try JSONDecoder().decode(Told.self, from: Data(try await player.receiveText().utf8))
    }

    @Test func aTossCostsItsStakeAndNoMoreThanTheSiteAllows() async throws {
        var options = ServerOptions.withGames()
        options.copies["games/coin_toss"] = TestFolder.project(of: #filePath) + "/games/coin_toss"
        options.files["Scripts/casino/sites/test.json"] = #"{"id":"test","initial_credits":100,"games":{"coin_toss":{"max_bet":20}}}"#
        try await withTestServer(options) { server in
            let player = try await server.connect("/session/ws")
            try await player.send(#"{"auth":{"uid":"ann"},"platform":"demo","site":"test"}"#)
            #expect(try await next(player).wallet?.credits == 100)
            try await player.send(#"{"t":"gameload","gameid":"coin_toss"}"#)
            let idle = try #require(try await next(player).gamestate)

            func toss(_ amount: Int) -> String {
                #"{"t":"action","action":"toss","params":{"call":"heads","amount":\#(amount)},"sid":"\#(idle.id)"}"#
            }
            try await player.send(toss(21))
            #expect(try await next(player).code == "bad_params")
            try await player.send(toss(20))
            let tossed = try await next(player)
            #expect(tossed.wallet?.credits == 80)
            #expect(["won", "idle"].contains(tossed.gamestate?.name))
        }
    }
}
