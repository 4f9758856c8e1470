import NIOHTTP1
import NightjarTesting
import Testing
@testable import Transport

private final class Named: HTTPResponder {
    let name: String
    let options = HTTPOptions()
    init(_ name: String) { self.name = name }
    func respond(_ request: HTTPRequest, _ reply: HTTPReply) {}
}

@Suite struct RouteTableTests {
    private func table(_ routes: [Route], owner: String = "me") throws -> RouteTable {
        var table = RouteTable(listener: "main")
        try table.set(owner: owner, routes)
        return table
    }

    private func get(_ pattern: String) -> Route { .get(pattern, Named(pattern)) }

    private func found(_ table: RouteTable, _ path: String) throws -> String? {
        try table.match(path).flatMap { ($0.targets.responder(.GET) as? Named)?.name }
    }

    @Test(arguments: [
        ("/", "/"), ("/a", "/a"), ("/a/b", "/a/:x"), ("/a/", "/*"), ("/a/b/c", "/a/b/c"), ("/a/b/d", "/a/:x/d"),
        ("/a/q/d", "/a/:x/d"), ("/s/1/2/3", "/s/*"), ("/s/", "/s/*"), ("/zzz", "/*"), ("/a/b/c/d", "/*"),
    ])
    func exactBeforeParameterBeforeRest(_ path: String, _ expected: String) throws {
        let table = try table(["/", "/a", "/a/:x", "/a/b/c", "/a/:x/d", "/s/*", "/*"].map(get))
        #expect(try found(table, path) == expected)
    }

    @Test func parametersAreDecoded() throws {
        let table = try table([get("/u/:name/f/*")])
        let match = try #require(try table.match("/u/J%C3%B6rg%20x/f/a%20b/c"))
        let parameters = match.parameters("GET")
        #expect(parameters["name"] == "Jörg x")
        #expect(parameters["*"] == "a b/c")
        #expect(parameters["other"] == nil)
    }

    @Test func encodedSlashIsNoSeparator() throws {
        let table = try table([get("/a/b"), get("/p/:x"), get("/f/*")])
        #expect(try table.match("/a%2Fb") == nil)
        #expect(try table.match("/p/a%2Fb")?.parameters("GET")["x"] == "a/b")
        #expect(try table.match("/f/..%2Fsecret") == nil)
    }

    @Test func encodedPathsFindExactRoutes() throws {
        let table = try table([get("/caf\u{E9}")])
        #expect(try found(table, "/caf%C3%A9") == "/caf\u{E9}")
    }

    @Test(arguments: ["/%", "/%z0", "/%0", "/%FF", "/%00"])
    func malformedEscapesAreRefused(_ path: String) throws {
        let table = try table([get("/:x")])
        #expect(throws: RouteTable.MalformedPath.self) { try table.match(path) }
    }

    @Test func emptySegmentsMatchNoParameter() throws {
        let table = try table([get("/a/:x/b")])
        #expect(try table.match("/a//b") == nil)
    }

    @Test(arguments: ["", "a", "/a/*/b", "/:", "/:x/:x", "/a*", "/a?b", "/a#b"])
    func malformedPatternsAreRefused(_ pattern: String) {
        #expect(throws: RouteClash.self) { try table([get(pattern)]) }
    }

    @Test func clashNamesTheOwner() throws {
        var table = try table([get("/a/:x")], owner: "first")
        let clash = try #require(throws: RouteClash.self) { try table.set(owner: "second", [get("/b"), get("/a/:y")]) }
        #expect(clash.code == .taken && clash.owner == "first" && clash.pattern == "/a/:y")
        #expect(try table.match("/b") == nil, "all or none")
        try table.set(owner: "second", [.post("/a/:y", Named("post"))])
        #expect(try table.match("/a/1")?.targets.allowed == "GET, POST, HEAD, OPTIONS" || table.match("/a/1")?.targets.allowed == "POST, GET, HEAD, OPTIONS")
    }

    @Test func oneOwnerCannotListARouteTwice() {
        #expect(throws: RouteClash.self) { try table([get("/a"), get("/a")]) }
    }

    @Test(arguments: [
        ("a", "a path begins with /"), ("/a/*/b", "* stands at the end only"), ("/:", "a parameter is written like :name"),
        ("/:x/:x", "the parameter :x is there twice"), ("/a*", "* stands alone between slashes, at the end"),
        ("/a?b", "a path has neither ? nor #"), (String(repeating: "/a", count: 33), "a path has at most 32 parts"),
    ])
    func aMalformedPatternSaysWhy(_ pattern: String, _ reason: String) throws {
        let error = try #require(throws: MalformedPattern.self) { try RouteClaim(method: "GET", pattern: pattern).key() }
        #expect(error.reason == reason)
        let clash = try #require(throws: RouteClash.self) { try table([get(pattern)]) }
        #expect(clash.code == .malformed && clash.reason == reason)
    }

    /// Whoever asks the claims beforehand gets the same answer as the table gives.
    @Test func theTableTakesExactlyWhatTheClaimsTake() throws {
        let patterns = ["/", "/a", "/a/", "/:x", "/:y", "/*", "/a/*", "/:x/*", "/a/:x/b", "/a/:y/b", "/a//b", "/:x/:x", "/a/*/b", "//"]
        var random = Seeded(7)
        var table = RouteTable(listener: "main")
        var claims = RouteClaims(listener: "main")
        for _ in 0..<3_000 {
            let owner = ["a", "b", "c"].randomElement(using: &random)!
            let routes = (0..<Int.random(in: 0...3, using: &random)).map { _ -> Route in
                let pattern = patterns.randomElement(using: &random)!
                return Bool.random(using: &random) ? get(pattern) : .post(pattern, Named(pattern))
            }
            let beforehand = claims.clash(owner: owner, routes.map(\.claim))
            var clash: RouteClash?
            do throws(RouteClash) { try table.set(owner: owner, routes) } catch { clash = error }
            #expect(clash == beforehand)
            if clash == nil { try claims.replace(owner: owner, routes.map(\.claim)) }
        }
    }

    @Test func replacementForgetsTheFormerRoutes() throws {
        var table = try table([get("/old"), get("/keep/:x")])
        try table.set(owner: "me", [get("/new")])
        #expect(try table.match("/old") == nil)
        #expect(try table.match("/keep/1") == nil)
        #expect(try found(table, "/new") == "/new")
        try table.set(owner: "me", [])
        #expect(try table.match("/new") == nil)
    }

    @Test func headIsServedByGet() throws {
        let match = try #require(try table([get("/a")]).match("/a"))
        #expect(match.targets.responder(.HEAD) != nil)
        #expect(match.targets.responder(.POST) == nil)
    }

    @Test func randomPathsNeverTrap() throws {
        let table = try table(["/a/:x/*", "/:a/:b/:c", "/a/b", "/*"].map(get))
        var random = Seeded(3)
        let alphabet = Array("/ab%2F5.:*é".utf8)
        for _ in 0..<5_000 {
            let bytes = (0..<Int.random(in: 0...30, using: &random)).map { _ in alphabet.randomElement(using: &random)! }
            _ = try? table.match("/" + String(decoding: bytes, as: UTF8.self))
        }
    }
}

@Suite struct QueryStringTests {
    @Test func decodesPairsInOrder() {
        let items = QueryString.items("a=1&b=x%20y+z&a=%C3%A9&flag&=v")
        #expect(items.map(\.name) == ["a", "b", "a", "flag", ""])
        #expect(items.map(\.value) == ["1", "x y z", "é", "", "v"])
    }

    @Test func keepsMalformedEscapes() {
        #expect(QueryString.items("a=%zz&b=%ff").map(\.value) == ["%zz", "%ff"])
    }

    @Test func looksAtABoundedNumberOfPairs() {
        #expect(QueryString.items(String(repeating: "a=1&", count: 5_000)).count == QueryString.itemsMax)
    }
}

@Suite struct HandshakeTests {
    @Test func acceptValueOfTheStandardsExample() {
        #expect(Handshake.acceptValue("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test(arguments: [
        (nil, "a.example", true), ("http://a.example", "a.example", true), ("https://A.Example:443", "a.example", true),
        ("http://a.example:8080", "a.example:8080", true), ("http://a.example:80", "a.example", true),
        ("http://a.example", "a.example:8080", false), ("http://b.example", "a.example", false),
        ("http://a.example.evil", "a.example", false), ("null", "a.example", false), ("", "a.example", false),
        ("file://", "a.example", false), ("http://a.example", nil, false), ("ftp://a.example", "a.example", false),
    ] as [(String?, String?, Bool)])
    func sameOriginComparesHostAndPort(_ origin: String?, _ host: String?, _ allowed: Bool) {
        #expect(Handshake.isAllowed(origin, host: host, .sameOrNone) == allowed)
    }

    @Test func listsAddOrigins() {
        let policy = OriginPolicy.list(["https://Twitch.example"])
        #expect(Handshake.isAllowed("https://twitch.example", host: "a", policy))
        #expect(Handshake.isAllowed("http://a", host: "a", policy))
        #expect(!Handshake.isAllowed("https://other.example", host: "a", policy))
        #expect(Handshake.isAllowed("null", host: "a", .any))
    }
}
