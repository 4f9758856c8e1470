import NightjarTesting

/// A package or an engine made up at random from everything scripts can ask of the host, from a seed: the same seed, the same text.
///
/// The programs are short, and right as far as the language goes; what they do with the host is not. They loop, spawn, wait,
/// publish, fail and catch at any depth, with sane arguments and with others. Nothing holds about what they do but that the
/// server must survive it.
struct RandomProgram {
    /// Statements of one program; more teach no more, and loading has a time limit.
    private static let statementsMax = 120
    private static let depthMax = 4

    private var random: Seeded
    private let name: String
    private var left = RandomProgram.statementsMax
    private var lines: [String] = []
    /// What `x` or `conn` is in the function that is being written.
    private enum Receiver { case none, connection, request, engine }
    private var receiver = Receiver.none
    private var hasConnection: Bool { receiver == .connection }

    /// Where a package runs cannot change while the server does, so it is a matter of its name.
    static func placement(of name: String) -> String { name.hasSuffix("3") ? "all" : name.hasSuffix("4") ? "dedicated" : "one" }

    /// - Parameter name: The package's name, which its routes begin with.
    static func make(seed: UInt64, name: String) -> String {
        var program = RandomProgram(random: Seeded(seed), name: name)
        program.package()
        return program.lines.joined(separator: "\n") + "\n"
    }

    /// The actions of an engine.
    static let actions = ["first", "second", "third"]

    /// A game's `engine.lua`.
    static func makeEngine(seed: UInt64, name: String) -> String {
        var program = RandomProgram(random: Seeded(seed), name: name)
        program.engine()
        return program.lines.joined(separator: "\n") + "\n"
    }

    private init(random: Seeded, name: String) {
        self.random = random
        self.name = name
    }

    private mutating func pick<T>(_ values: [T]) -> T { values[Int.random(in: 0..<values.count, using: &random)] }
    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
    private mutating func line(_ depth: Int, _ text: String) { lines.append(String(repeating: "  ", count: depth) + text) }

    // MARK: The package

    private mutating func package() {
        line(0, "-- Made at random.")
        line(0, "local nightjar = require \"nightjar\"  -- its settings: k, k2, room")
        let limits = chance(20) ? ", limits = { memory_mb = \(pick(["8", "16", "32"])), slice_ms = \(pick(["2", "5", "20"])) }" : ""
        line(0, "local M = { version = \(pick([0, 1, 1, 2, 3])), workers = \"\(RandomProgram.placement(of: name))\"\(limits) }")
        line(0, "local a, b, c, d = 0, \"b\", {}, nil")
        line(0, "local f1, f2, f3, client, flow, logins, book, app")
        for function in ["f1", "f2", "f3"] { self.function("function \(function)(x, y)") }
        let options = (0..<Int.random(in: 0...3, using: &random)).map { _ in pick(Self.endpointOptions) }
        let text = Set(options).sorted().map { $0 + ", " }.joined()
        function("nightjar.websocket.endpoint(\"/\(name)\", { \(text)message = function(conn, x)", .connection, end: "end,")
        if chance(50) { function("open = function(conn, y)", .connection, end: "end,") }
        if chance(30) { function("close = function(conn, x, y)", .connection, end: "end,") }
        if chance(20) { function("error = function(conn, x)", .connection, end: "end,") }
        line(0, "})")
        function("nightjar.http.get(\"/\(name)\", function(x)", .request, end: pick(["end)", "end, { cors = true })"]))
        function("nightjar.http.post(\"/\(name)\", function(x)", .request, end: pick(["end)", "end, { max_body = 100000 })"]))
        function("nightjar.http.put(\"/\(name)/:n\", function(x)", .request, end: "end)")
        function("nightjar.http.delete(\"/\(name)/*\", function(x)", .request, end: "end)")
        function("nightjar.http.patch(\"/\(name)/:n\", function(x)", .request, end: "end)")
        if chance(50) { line(0, "nightjar.http.static(\"/\(name)/files\", \"public\"\(pick(["", ", { index = \"page.html\" }"])))") }
        if chance(30) { line(0, "a = \(pick(["nightjar.data(\"main.lua\")", "nightjar.files(\"public\", \".html\")", "nightjar.config.all()"]))") }
        function("nightjar.provide(\"\(name).p\", function(x, y)", end: "end)")
        for topic in ["t0", "t1"] where chance(60) { function("nightjar.subscribe(\"\(topic)\", function(x, y)", end: "end)") }
        if chance(50) { function("nightjar.timer.every(\"tick\", \(pick(["0.001", "0.005", "0.05"])), function(x)", end: "end)") }
        if chance(20) { function("nightjar.log.listen(function(x)", end: "end)") }
        // Nobody listens there: what is tried is the trying.
        if RandomProgram.placement(of: name) != "all", chance(50) {
            line(0, "client = nightjar.websocket.connect(\"out\", \"ws://127.0.0.1:1/\", { \(pick(["", "on_demand = true, ", "reconnect = { first = 0.01, max = 0.1 }, "]))")
            function("failed = function(x, y)", end: "end,")
            function("message = function(conn, x)", .connection, end: "end,")
            line(0, "})")
        }
        if chance(50) {
            let url = "\"http://127.0.0.1:1/\""
            line(0, "flow = nightjar.auth.oauth(\"o\", { client_id = \"x\", client_secret = \"k\", token_url = \(url), userinfo_url = \(url), redirect_uri = \(url) })")
            line(0, "logins = nightjar.auth.pending(\"l\", { lifetime = \(pick(["0.01", "600"])), limit = \(pick(["1", "100"])) })")
            line(0, "book = nightjar.auth.tokens(\"t\")")
            line(0, "app = nightjar.auth.facebook(\"f\", { app_id = \"1\", app_secret = \"k\", graph_url = \(url) })")
        }
        if chance(50) { function("function M.on_reload(x)") }
        if chance(30) { function("function M.on_ready(x)") }
        if chance(20) { function("function M.on_unload(x)") }
        if chance(20) { function("function M.on_stop(x)") }
        if chance(40) { function("function M.migrate(x, y)") }
        line(0, "return M")
    }

    private static let endpointOptions = [
        "concurrent = true", "idle_timeout = 1", "ping_interval = 0.1", "pong_timeout = 0.5", "max_message = 1000", "compression = true",
        "pings_keep_alive = true", "origins = \"*\"",
    ]

    private mutating func engine() {
        line(0, "-- Made at random.")
        line(0, "local nightjar = require \"nightjar\"")
        line(0, "local M = { version = \(pick([0, 1, 2])), actions = {} }")
        line(0, "local a, b, c, d = 0, \"b\", {}, nil")
        line(0, "local f1, f2, f3")
        line(0, "local function idle(data)")
        line(1, "return { name = \"idle\", data = data or {}, actions = { \(Self.actions.map { "\"\($0)\"" }.joined(separator: ", ")) } }")
        line(0, "end")
        for function in ["f1", "f2", "f3"] { self.function("function \(function)(x, y)", .engine) }
        line(0, "function M.init(settings) return idle { limit = settings.limit } end")
        for action in Self.actions {
            function("function M.actions.\(action)(state, y, x)", .engine, end: "  return \(pick(["idle()", "idle(state.data)", "idle { n = y }", expression(0)]))\nend")
        }
        if chance(30) { function("function M.timeout(state, x)", .engine, end: "  return idle()\nend") }
        if chance(30) { function("function M.can_finish(x)", .engine) }
        if chance(60) { line(0, "function M.migrate(_, state) return \(pick(["state", "idle()", "nil"])) end") }
        line(0, "return M")
    }

    private mutating func function(_ head: String, _ receiver: Receiver = .none, end: String = "end") {
        self.receiver = receiver
        line(0, head)
        block(1, Int.random(in: 1...6, using: &random))
        if !end.contains("return"), chance(50) { line(1, "return \(expression(0))") }
        line(0, end)
    }

    // MARK: Statements

    private mutating func block(_ depth: Int, _ count: Int) {
        for _ in 0..<count {
            guard left > 0 else { return }
            left -= 1
            statement(depth)
        }
    }

    private mutating func statement(_ depth: Int) {
        guard depth < Self.depthMax else { return host(depth) }
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<45: host(depth)
        case 45..<57:
            line(depth, "for _ = 1, \(pick(["2", "10", "100", "2000", "50000"])) do")
            block(depth + 1, 2)
            line(depth, "end")
        case 57..<59:
            line(depth, "while true do")
            block(depth + 1, 2)
            line(depth, "end")
        case 59..<67:
            line(depth, "pcall(function()")
            block(depth + 1, 2)
            line(depth, "end)")
        case 67..<74:
            // An engine has no such thing: what it does by itself is less, and an error more.
            line(depth, receiver == .engine ? "pcall(function()" : "nightjar.spawn(function()")
            block(depth + 1, 2)
            line(depth, "end)")
        case 74..<80:
            line(depth, "c = coroutine.wrap(function(x)")
            block(depth + 1, 1)
            line(depth + 1, "coroutine.yield(\(expression(0)))")
            block(depth + 1, 1)
            line(depth, "end)")
            line(depth, "pcall(c, \(expression(0)))")
        case 80..<86:
            let luck = receiver == .engine ? "a ~= b" : "nightjar.random.integer(1, \(pick([2, 3, 10]))) == 1"
            line(depth, "if \(luck) then")
            block(depth + 1, 2)
            if chance(30) {
                line(depth, "else")
                block(depth + 1, 1)
            }
            line(depth, "end")
        case 86..<92: line(depth, "\(pick(["a", "b", "c", "d"])) = \(expression(0))")
        case 92..<95: line(depth, "pcall(\(pick(["f1", "f2", "f3"])), \(expression(0)))")
        case 95..<97: line(depth, "if \(expression(0)) then error(\(expression(0))) end")
        default: line(depth, "\(receiver == .engine ? "pcall" : "nightjar.spawn")(\(pick(["f1", "f2", "f3"])), \(expression(0)))")
        }
    }

    /// Calls of the host. `$e` any expression, `$n` a number, `$s` a text, `$k` one of a few names, `$f` a function.
    private static let calls = [
        "nightjar.sleep($n)", "nightjar.sleep(0)", "nightjar.spawn($f, $e)",
        "nightjar.room($k):count()", "nightjar.room($k):members()", "nightjar.room($k):send($s)", "nightjar.room($k):send($e, { binary = true })",
        "nightjar.store.get($k)", "nightjar.store.set($k, $e)", "nightjar.store.set($k, $e, { ttl = $n })", "nightjar.store.increment($k, $n)",
        "nightjar.store.delete($k)", "nightjar.store.add($k, $s, $n)", "nightjar.store.range($k, $n, $n)", "nightjar.store.count($k)",
        "nightjar.store.remove($k, $s)", "nightjar.store.set($k, $e, { if_version = $n })", "nightjar.store.count($k, $n, $n)",
        "nightjar.store.range($k, $n, $n, { by = \"score\", reverse = true, limit = $n })", "nightjar.store.delete($k, { if_version = $n })",
        "nightjar.store.batch({ { \"add\", $k, $s, $n }, { \"remove\", $k, $s }, $e })", "nightjar.store.increment($k, $n, { ttl = $n })",
        "nightjar.store.batch({ { \"set\", $k, $e }, { \"delete\", $k } })",
        "nightjar.call(\"$pkg.p\", $e, $e)", "nightjar.call(\"neighbour.echo\", $e)", "nightjar.call($s)",
        "nightjar.publish(\"t0\", $e)", "nightjar.publish(\"t1\", $e)", "nightjar.publish($k, $e)",
        "nightjar.event.wait($k, $n)", "nightjar.event.wait($k, 0)", "nightjar.event.notify($k, $e)",
        "nightjar.timer.after($n, $f)", "nightjar.timer.every($n, $f)", "nightjar.timer.after($k, $n, $f)", "nightjar.timer.every($k, 0.002, $f)",
        "nightjar.timer.after(0.01, $f):cancel()",
        "nightjar.state.set($k, $e)", "nightjar.state.get($k, $e)", "nightjar.state.all()",
        "nightjar.json.encode($e)", "nightjar.json.decode($s)", "nightjar.json.decode(nightjar.json.encode($e) or \"0\")", "nightjar.json.raw($s)",
        "nightjar.json.array({ $e })", "nightjar.json.array($e)", "nightjar.json.encode($e, { sort = true })",
        "nightjar.json.decode($s, { raw = { $k } })", "nightjar.json.reader({ kinds = { [$k] = { x = \"integer\", y = \"string?\" } } })($s)",
        "nightjar.json.reader({ name = $k, kinds = {} })(nightjar.json.encode($e) or $s)", "nightjar.json.reader($e)",
        "client:open()", "client:close()", "client:close($n, $s)", "client:send($s)", "client:send($e, { binary = true })", "client:status()",
        "nightjar.output($s)",
        "nightjar.auth.verify_jwt($s, { secret = $k })", "nightjar.auth.verify_jwt($e, $e)", "nightjar.auth.sign_jwt({ exp = $n, x = $e }, { secret = $k })",
        "nightjar.auth.sign_jwt($e, { secret = \"k\", algorithm = \"HS512\" })", "nightjar.auth.oauth($k, $e)", "nightjar.auth.pending($k)", "nightjar.auth.tokens($k)",
        "nightjar.auth.verify_jwt(nightjar.auth.sign_jwt({ exp = 1e12, x = $e }, { secret = \"k\" }), { secret = \"k\" })",
        "nightjar.auth.facebook($k, $e)", "app:identify($s)", "app:identify($s, $k)", "app:signed_request($s)", "app:signed_request($s .. \".\" .. $s)",
        "nightjar.outbox.tell($k, $k, $s)", "nightjar.outbox.tell($s, $s, $s, { replace = true })", "nightjar.outbox.tell($e, $e, $e, $e)",
        "nightjar.outbox.due($k)", "nightjar.outbox.due($k, $n)", "nightjar.outbox.accept({ $n, $n })", "nightjar.outbox.accept($e)",
        "nightjar.outbox.postpone($n, $n)",
        "nightjar.account.balance({ user = $k })", "nightjar.account.balance({ user = $k, realm = $s, denom = $k })", "nightjar.account.balance($e)",
        "nightjar.account.commit({ user = $k, id = $s, open = $n, entries = { { kind = \"k\", amount = $n }, { kind = \"k2\", to = $n } } })",
        "nightjar.account.commit({ user = $k, id = $k, realm = $k, keys = { { \"set\", $k, $e } }, outbox = { { topic = $k, key = $k, body = { $e } } } })",
        "nightjar.account.commit({ user = $s, id = $s, entries = { $e }, keys = $e, outbox = $e })", "nightjar.account.commit($e)",
        "flow:identify($s)", "flow:app_token()", "logins:put($s, $e)", "logins:put($k, $e)", "logins:take($k)", "logins:clear()", "book:issue($k, $e)", "book:issue($s, $e)",
        "book:find($s)", "book:find((book:issue($k, $e)))", "book:of($k)", "book:update($k, $e)", "book:list()", "book:erase($k)", "book:erase_all()",
        "nightjar.log.info($s, { x = $e })", "nightjar.log.error($e)", "print($e, $e)", "nightjar.log.debug($s, $e)", "nightjar.log.warn($s)",
        "nightjar.log.print($s)",
        "nightjar.crypto.sha256($s)", "nightjar.crypto.hmac_sha256($s, $s)", "nightjar.crypto.unbase64($s)", "nightjar.crypto.sha1($s)",
        "nightjar.crypto.equal($s, $s)", "nightjar.crypto.hex($s)", "nightjar.crypto.unhex($s)", "nightjar.crypto.base64($s)",
        "nightjar.crypto.base64url($s)", "nightjar.crypto.unbase64(nightjar.crypto.base64($s))",
        "nightjar.random.number()", "nightjar.random.integer($n, $n)", "nightjar.nearest($s, { $s, $k })", "nightjar.nearest($e, $e)",
        "nightjar.data(\"main.lua\")", "nightjar.data($s)", "nightjar.files(\"public\", $s)", "nightjar.files($s, $s)",
        "nightjar.config.all()", "nightjar.config.mistake($k, $s)", "nightjar.config.matches($k, $s)", "nightjar.metrics.gauge($k):set($n)", "nightjar.http.get($s, $f)",
        "nightjar.http.static($s, $s)", "nightjar.subscribe($k, $f)", "nightjar.provide($k, $f)", "nightjar.websocket.endpoint($s, { message = $f })",
        "nightjar.http.fetch({ url = \"http://127.0.0.1:1/\", method = \"POST\", body = $s, timeout = $n })",
        "nightjar.random.shuffle({ $e, $e, $e })", "nightjar.random.sample($n, $n)", "nightjar.random.bytes($n)", "nightjar.random.pick({ $e })",
        "nightjar.metrics.counter($k):add()", "nightjar.metrics.histogram($k):observe($n)", "nightjar.config.get($k, $e)",
        "nightjar.http.fetch({ url = \"http://127.0.0.1:1/\" })", "nightjar.http.fetch({ url = \"http://127.0.0.1:\" .. $n })", "nightjar.http.fetch($e)",
        "nightjar.websocket.connection($n)", "nightjar.now()",
        "table.sort({ $n, $n, $n, $n }, $f)", "table.concat({ $s, $n, $s })", "string.rep($s, $n)", "string.format(\"%q %s\", $s, $e)",
        "string.find($s, \"(a*)*b\")", "string.gsub($s, \".\", $f)", "select(\"#\", table.unpack({ $e, $e }, 1, $n))", "load(\"return \" .. $s)",
        "setmetatable({}, { __index = $f, __newindex = $f, __len = $f })[$e]", "utf8.char(255, 8364)", "os.date($s)",
    ]

    private static let requestCalls = [
        "x:header($s)", "x:header(\"x-port\")", "x.body", "x.headers", "x.query", "x.params", "x.path .. x.method .. x.remote", "x.odd",
        "nightjar.json.decode(x.body)", "nightjar.event.notify($k, x.body)", "nightjar.state.set($k, x)",
    ]

    /// `x` is the context, or whatever the function was given.
    private static let engineCalls = [
        "x:contribute($n)", "x:contribute($e)", "x:award($k, $n)", "x:award($s, $n)", "x:award($e, $e)",
        "x:mark($k)", "x:mark($s)", "x:mark($e)", "x:mode($k)", "x:mode($e)", "x:debit($n)", "x:debit($n, $k)", "x:credit($n)", "x:credit($n, $k)", "x:step(idle())", "x:step(idle($e))", "x:step($e)",
        "x.settings.limit", "x.settings", "x.credits", "x.now", "x.random:integer($n, $n)", "x.random:number()", "x.random:shuffle({ $e, $e })",
        "x.random:sample($n, $n)", "x.random:pick({ $e })", "x.random:bytes($n)", "x.random:uuid()", "rawset(x.settings, \"limit\", $n)",
        "nightjar.json.encode($e)", "nightjar.json.decode($s)", "nightjar.log.info($s, { x = $e })", "nightjar.log.error($s)",
        "nightjar.store", "nightjar.sleep(0)", "nightjar.timer", "nightjar.now()", "os.time()", "math.random()", "os.clock()",
        "table.sort({ $n, $n, $n, $n }, $f)", "string.rep($s, $n)", "string.format(\"%q %s\", $s, $e)", "string.gsub($s, \".\", $f)",
        "coroutine.wrap($f)($e)", "setmetatable({}, { __index = $f })[$e]", "load(\"return \" .. $s)", "require($s)",
    ]

    private static let connectionCalls = [
        "conn:send($s)", "conn:send($e)", "conn:send($s, { binary = true })", "nightjar.room($k):join(conn)", "nightjar.room($k):leave(conn)",
        "nightjar.room($k):send($s, { except = conn })", "conn:close($n, $s)", "nightjar.state.set($k, conn)", "tostring(conn.id)",
        "conn.remote", "nightjar.websocket.connection(conn.id)",
    ]

    private mutating func host(_ depth: Int) {
        if hasConnection, chance(12) {
            line(depth, "conn.data = \(expression(0))")
            return
        }
        let special: [String] = switch receiver {
        case .none: []
        case .connection: Self.connectionCalls
        case .request: Self.requestCalls
        case .engine: Self.engineCalls
        }
        let isSpecial = !special.isEmpty && chance(receiver == .engine ? 97 : 35)
        let call = fill(isSpecial ? pick(special) : pick(Self.calls), 0)
        // A list of values that begins with a wait's result, a catch, or just the call.
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<3: line(depth, "d = \(call)")
        case 3..<5: line(depth, "pcall(function() return \(call) end)")
        default: line(depth, "local _ = \(call)")
        }
    }

    private mutating func fill(_ template: String, _ depth: Int) -> String {
        var text = ""
        var rest = Substring(template)
        while let index = rest.firstIndex(of: "$") {
            text += rest[..<index]
            rest = rest[rest.index(after: index)...]
            if rest.hasPrefix("pkg") {
                text += pick(["random1", "random2", "random3", "random4", name])
                rest = rest.dropFirst(3)
                continue
            }
            switch rest.first {
            case "e": text += expression(depth + 1)
            case "n": text += number()
            case "s": text += string()
            case "k": text += pick(["\"k\"", "\"room\"", "\"x y\"", "\"\"", "\"k2\""])
            case "f": text += pick(["f1", "f2", "f3", "print", "function(x, y) return x end"])
            default: text += "nil"
            }
            rest = rest.dropFirst()
        }
        return text + rest
    }

    // MARK: Values

    private mutating func number() -> String {
        pick([
            "0", "1", "2", "3", "0.001", "0.01", "0.5", "10", "100", "-1", "1000", "65536", "0/0", "1/0", "-1/0", "math.mininteger", "math.maxinteger",
            "2^53", "1e300", receiver == .engine ? "5" : "nightjar.random.integer(1, 9)", "#tostring(b)",
        ])
    }

    private mutating func string() -> String {
        pick([
            "\"\"", "\"a\"", "\"text of some length, for a message\"", "\"\\xC3\"", "\"\\0\\255\"", "(\"x\"):rep(1000)", "(\"\\xE2\\x82\\xAC\"):rep(5000)",
            "(\"a\"):rep(100000)", "tostring(a)", "tostring(c)", "'{\"k\":[1,2,{\"x\":null}]}'", "('['):rep(200)",
            receiver == .engine ? "\"u\"" : "nightjar.random.uuid()",
        ])
    }

    private mutating func expression(_ depth: Int) -> String {
        guard depth < 3 else { return number() }
        switch Int.random(in: 0..<17, using: &random) {
        case 0..<4: return number()
        case 4..<7: return string()
        case 7: return pick(["nil", "true", "false"])
        case 8..<11: return pick(["a", "b", "c", "d"])
        case 11: return "{ \(expression(depth + 1)), \(expression(depth + 1)), k = \(expression(depth + 1)) }"
        case 12: return "{}"
        case 13:
            let object = receiver == .engine ? "idle()" : "nightjar.room(\"room\")"
            return pick(["f1", "print", "nightjar", "M", object, "coroutine.create(f2)", "nightjar.json.null"])
        case 14:
            switch receiver {
            case .none: return "nightjar.state.get(\"k\")"
            case .connection: return pick(["conn", "conn.data", "conn.id"])
            case .request, .engine: return "x"
            }
        case 15: return "(\(pick(["tostring", "type", "nightjar.json.encode"]))(\(expression(depth + 1))))"
        default: return "setmetatable({ \(number()) }, { __tostring = function() return b end })"
        }
    }
}
