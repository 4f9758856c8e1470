// example
import NightjarTesting
import Testing

@Suite struct VotesTests {
    /// A package that counts votes and tells everybody.
    private let votes = """
        local nightjar = require "nightjar"

        nightjar.websocket.endpoint("/votes", {
          open = function(conn) nightjar.room("voters"):join(conn) end,
          message = function(conn, choice)
            local votes = nightjar.state.get("votes", {})
            votes[choice] = (votes[choice] or 0) + 1
            nightjar.state.set("votes", votes)
            nightjar.room("voters"):send(nightjar.json.encode(votes))
            if not nightjar.store.increment("votes for " .. choice) then conn:send("not kept") end
          end,
        })
        nightjar.http.get("/votes/since", function() return tostring(nightjar.now()) end)

        return {}
        """

    @Test func everyVoteIsToldToEverybody() async throws {
        try await withTestServer(packages: ["votes": votes]) { server in
            let ann = try await server.connect("/votes")
            let bob = try await server.connect("/votes")
            try await ann.send("tea")
            #expect(try await ann.receiveText() == #"{"tea":1}"#)
            #expect(try await bob.receiveText() == #"{"tea":1}"#)
        }
    }

    @Test func votesSurviveAReload() async throws {
        try await withTestServer(packages: ["votes": votes]) { server in
            let ann = try await server.connect("/votes")
            try await ann.send("tea")
            #expect(try await ann.receiveText() == #"{"tea":1}"#)
            let outcome = try await server.save("Scripts/votes/main.lua", votes + "\n-- changed", andWaitFor: "package votes")
            #expect(outcome == "package votes: loaded")
            try await ann.send("tea")
            #expect(try await ann.receiveText() == #"{"tea":2}"#)
        }
    }

    @Test func aVoterHearsThatTheStoreFailed() async throws {
        try await withTestServer(packages: ["votes": votes]) { server in
            let ann = try await server.connect("/votes")
            server.failStore(requests: 1)
            try await ann.send("tea")
            #expect(try await ann.receiveText() == #"{"tea":1}"#)
            #expect(try await ann.receiveText() == "not kept")
        }
    }

    @Test func timeIsTheTests() async throws {
        let clock = ManualClock(now: 1_000)
        try await withTestServer(packages: ["votes": votes], { $0.clock = clock }) { server in
            let before = try await server.get("/votes/since")
            clock.advance(500)
            let after = try await server.get("/votes/since")
            #expect(before == "1000" && after == "1500")
        }
    }
}
