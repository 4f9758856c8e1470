import NIOCore
@testable import Games
import Store
import Testing
import Transport

/// Components are Lua and may wait: nobody's play waits for them.
@Suite struct ComponentWaitTests {
    /// Two sessions of one user in one game, with everything heard.
    private func play(_ home: HomeFixture) -> (ConnectionID, ConnectionID) {
        let sessions = (home.attach("u"), home.attach("u"))
        home.command(sessions.0, .load(game: "toss_up"))
        home.command(sessions.1, .load(game: "toss_up"))
        _ = home.heard(sessions.0)
        _ = home.heard(sessions.1)
        return sessions
    }

    private func data(_ message: [String: Any]?) -> [String: Int]? { message?["userdata"] as? [String: Int] }

    @Test func actionsGoOnWhileAComponentWaits() throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let (first, second) = play(home)
            home.scripts.isHolding = true
            home.set(first, "a", 1)
            home.action(first, "bet", #"{"amount":4}"#)
            #expect(home.heard(first) == ["state game 6"])
            #expect(home.heard(second) == ["state game 6"])
            home.action(second, "end")
            #expect(home.heard(second) == ["state idle 8"])
            #expect(home.heard(first) == ["state idle 8"])
            home.scripts.release()
            #expect(data(home.take(second).first) == ["a": 1])
            #expect(home.heard(first) == ["state idle 8"])
            #expect(home.loop.pendingTasks == 0)
        }
    }

    @Test func componentsOfOneSiteAreAskedInOrderSoThatNoChangeIsLost() throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let (first, second) = play(home)
            home.scripts.isHolding = true
            home.set(first, "a", 1)
            home.set(second, "a", 2)
            home.set(first, "b", 3)
            #expect(home.scripts.held.count == 1)
            for _ in 0..<3 {
                home.scripts.release()
                home.settle()
            }
            #expect(home.take(first).map(data) == [["a": 1], ["a": 2], ["a": 2, "b": 3]])
            #expect(home.loop.pendingTasks == 0)
        }
    }

    /// Ten questions to a slow component, and their session has gone: the next one does not wait for them.
    @Test func questionsOfASessionThatHasGoneAreNotAsked() throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let first = home.attach("u")
            _ = home.heard(first)
            home.scripts.isHolding = true
            for _ in 0..<10 { home.answer(first, #"{"reply":{"a":1}}"#) }
            #expect(home.scripts.held.count == 1)
            home.loop.receive(.detach(UserKey(realm: "demo", user: "u"), first))
            home.settle()
            let second = home.attach("u")
            // The one that was asked, then the new session's start, and nothing in between.
            home.scripts.release()
            home.settle()
            home.scripts.release()
            home.settle()
            #expect(home.heard(second) == ["state - 10"])
            #expect(home.scripts.held.isEmpty && home.loop.pendingTasks == 0)
        }
    }

    @Test func stateAfterAComponentLeavesBehindTheCommitsBeforeIt() throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let (first, _) = play(home)
            home.scripts.isHolding = true
            home.set(first, "a", 1)
            let sid = home.stateID(first) ?? ""
            home.loop.receive(.command(
                UserKey(realm: "demo", user: "u"), first, .action(name: "bet", params: Array(#"{"amount":4}"#.utf8), sid: sid)))
            home.scripts.release()
            #expect(home.sockets.sent[first] == nil, "nothing is told before its commit")
            home.settle()
            #expect(home.heard(first) == ["state game 6", "state game 6"])
        }
    }

    @Test func startThatWaitsHoldsNoOtherSession() throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let (first, _) = play(home)
            home.scripts.isHolding = true
            let late = home.attach("u")
            home.action(first, "bet", #"{"amount":4}"#)
            #expect(home.heard(first) == ["state game 6"])
            #expect(home.heard(late).isEmpty)
            home.scripts.release()
            #expect(home.heard(late) == ["state - 6"])
        }
    }

    @Test func sessionThatLeavesWhileItsStartWaitsIsNotTakenUp() throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            home.scripts.isHolding = true
            let gone = home.attach("u")
            home.loop.receive(.detach(UserKey(realm: "demo", user: "u"), gone))
            home.settle()
            home.scripts.release()
            #expect(home.heard(gone).isEmpty)
            home.scripts.isHolding = false
            #expect(home.heard(home.attach("u")) == ["state - 10"])
            #expect(home.loop.pendingTasks == 0)
        }
    }

    @Test func dataOfASessionThatLeavesWhileItsComponentWaitsAreKept() throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let (first, second) = play(home)
            home.scripts.isHolding = true
            home.set(first, "a", 1)
            home.set(first, "b", 2)
            home.loop.receive(.detach(UserKey(realm: "demo", user: "u"), first))
            home.settle()
            home.scripts.release()
            home.settle()
            home.scripts.release()
            #expect(home.take(second).map(data) == [["a": 1], ["a": 1, "b": 2]])
            #expect(home.heard(first).isEmpty)
        }
    }

    @Test func stoppingWaitsForWhatComponentsStillHaveToSay() throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let (first, _) = play(home)
            home.scripts.isHolding = true
            home.set(first, "a", 1)
            let drained = loop.makePromise(of: Void.self)
            home.loop.drain(drained)
            #expect(home.loop.pendingTasks == 1)
            home.scripts.release()
            home.settle()
            #expect(home.loop.pendingTasks == 0)
            #expect(data(home.take(first).first) == ["a": 1])
        }
    }

    @Test(arguments: StoreFaults.Point.allCases)
    func dataThatCouldNotBeStoredAreNotShownAndNotLost(_ point: StoreFaults.Point) throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let (first, second) = play(home)
            home.set(first, "a", 1)
            _ = home.take(first)
            _ = home.take(second)
            home.faults.fail(point, at: 1)
            home.set(first, "b", 2)
            let answer = home.take(first)
            #expect(answer.first?["code"] as? String == "internal")
            let stands = try #require(data(answer.last))
            #expect(stands["a"] == 1)
            home.action(second, "bet", #"{"amount":4}"#)
            #expect(data(home.take(second).last) == stands)
            home.set(second, "c", 3)
            #expect(data(home.take(second).last) == stands.merging(["c": 3]) { old, _ in old })
            #expect(home.loop.pendingTasks == 0)
        }
    }

    @Test func dataOfUnknownStateAreStillShownWhileTheStoreIsAway() throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let (first, second) = play(home)
            home.set(first, "a", 1)
            _ = home.take(second)
            home.faults.setDiskFull(true)
            home.faults.fail(.call, at: 2)
            home.set(first, "b", 2)
            home.faults.clear()
            home.action(second, "bet", #"{"amount":4}"#)
            #expect(data(home.take(second).last) == ["a": 1])
        }
    }
}
