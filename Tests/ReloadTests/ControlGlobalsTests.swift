import Testing
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

@Suite struct ControlGlobalsTests {
    private func uses(_ source: String) -> [String] {
        GlobalsFinder.find(in: Array(source.utf8)).map { "\($0.line)\($0.isWrite ? "=" : ":")\($0.name)" }
    }

    @Test(arguments: [
        ("print(1)", ["1:print"]),
        ("x = 1", ["1=x"]),
        ("x, y.z, w = 1, 2, 3", ["1:y", "1=x", "1=w"]),
        ("local x = x", ["1:x"]),
        ("local x\nx = 1", []),
        ("local function f() return f() end", []),
        ("local f = function() return f() end", ["1:f"]),
        ("function f() end", ["1=f"]),
        ("function a.b.c() end", ["1:a"]),
        ("local a = {}\nfunction a:b() return self end", []),
        ("local a = {}\nfunction a.b() return self end", ["2:self"]),
        ("for i = 1, n do local _ = i end\nreturn i", ["1:n", "2:i"]),
        ("for k, v in pairs(t) do local _ = k, v end", ["1:pairs", "1:t"]),
        ("repeat local done = f() until done", ["1:f"]),
        ("do local a = 1 end return a", ["1:a"]),
        ("if a then b() elseif c then d = 1 else e() end", ["1:a", "1:b", "1:c", "1=d", "1:e"]),
        ("while a do break end", ["1:a"]),
        ("goto done\n::done::", []),
        ("local t = { a = b, [c] = d, e; f }", ["1:b", "1:c", "1:d", "1:e", "1:f"]),
        ("local t <const>, u <close> = 1, v\nreturn t, u", ["1:v"]),
        ("local a = b.c.d['e' .. f]:g(h)", ["1:b", "1:f", "1:h"]),
        ("local s = 'a' .. \"b\\\"c\" .. [[ d ]] .. [==[ ]] ]==]\nx()", ["2:x"]),
        ("-- a b c\n--[[ d\ne ]] f()\n--[==[ g ]] \n]==] h()", ["3:f", "5:h"]),
        ("local n = 0x1p+3 + 1e-5 + .5 + 3. + 0xA.8 // 2", []),
        ("return not a == -b, #c, ~d", ["1:a", "1:b", "1:c", "1:d"]),
        ("local _ENV = { x = 1 }\nx = y", []),
        ("return function(a, ...) return a, b, ... end", ["1:b"]),
        ("f 'text' { g } [[long]]", ["1:f", "1:g"]),
        ("local s = 'a\\z\n   b'\nx()", ["3:x"]),
        ("(f or g)(h)", ["1:f", "1:g", "1:h"]),
        ("a.b = c", ["1:a", "1:c"]),
        ("#!/usr/bin/lua\nx()", ["2:x"]),
    ])
    func usesAreFoundByScope(_ source: String, _ expected: [String]) {
        #expect(uses(source) == expected)
    }

    @Test func whatIsNoLuaEndsTheSearchWithoutAHitch() {
        #expect(uses("x() local = 3 y()") == ["1:x"])
        #expect(uses("x() 'open") == ["1:x"])
        #expect(uses("x() --[[ open") == ["1:x"])
        #expect(uses(String(repeating: "(", count: 100_000)) == [])
        #expect(uses(String(repeating: "do ", count: 100_000)) == [])
        #expect(uses(String(repeating: "{", count: 100_000)) == [])
        #expect(uses("return " + String(repeating: "- ", count: 100_000) + "x") == ["1:x"])
    }

    @Test func randomTextNeverTraps() {
        var random = SystemRandomNumberGenerator()
        let pieces = ["local", "function", "end", "(", ")", "{", "}", "[", "[[", "]]", "=", ",", "x", "'", "\"", "--", "\\", "\n", "1", "0x", "..", "do", "for", "in"]
        for _ in 0..<2_000 {
            let text = (0..<Int.random(in: 0..<40, using: &random)).map { _ in pieces.randomElement(using: &random)! }
            _ = uses(text.joined(separator: Bool.random(using: &random) ? " " : ""))
        }
    }
}
