import NightjarTesting
import Testing
@testable import Reload

@Suite struct ClientCheckTests {
    @Test func misspeltMethodsAreFoundByTheCheck() {
        let folder = TestFolder()
        folder.write(
            "Scripts/p/main.lua",
            """
            local nightjar = require "nightjar"
            local stream = nightjar.websocket.connect("c", "ws://a", {
              message = function(conn) conn:sned("x") end,
            })
            nightjar.http.get("/", function() stream:opne() return "" end)
            return {}
            """)
        let found = ScriptHost.check(projectConfiguration(folder), modules: projectModules()).map(\.description).joined(separator: "\n")
        #expect(found.contains("a connection has no 'sned'; did you mean 'send'?"), "\(found)")
        #expect(found.contains("a client has no 'opne'; did you mean 'open'?"), "\(found)")
    }
}
