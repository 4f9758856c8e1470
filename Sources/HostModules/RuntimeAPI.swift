import Host
import LuaRuntime

/// What the Lua runtime itself offers, described for editors. The functions are in the runtime; nothing here is called.
struct RuntimeAPI: HostModule {
    var isBuiltIn: Bool { true }
    var functions: [HostFunction] { Self.all }
    var types: [HostType] { [Self.randomObject] }
    private static let randomType = ObjectTypes.register("random")

    /// Values, by module.
    var fields: [String: [HostReturn]] {
        ["json": [HostReturn("null", .any, "JSON's null, which is not nil: it keeps its place in lists and tables.")]]
    }

    private static let all =
        [
            function("json", "encode", [.init("value", .any, "nil, booleans, numbers, strings, tables."), .init("options", .table, optional: true, as: "nightjar.EncodeOptions", fields: [HostField("sort", .boolean, about: "Members in byte order.")])],
                [.init("text", .string, optional: true)] + failure("invalid_json"), "JSON text of a value. Whole numbers stay whole; an empty table is `{}`, `json.array()` is `[]`."),
            function("json", "decode", [.init("text", .any, "Text, or a raw value."), .init(
                    "options", .table, optional: true, as: "nightjar.DecodeOptions",
                    fields: [HostField("raw", .table, as: "string[]", about: "Names of members of a top-level object that are not decoded; they come as raw values."),
                        HostField("mend", .boolean, about: "Half of a surrogate pair (`\\ud800`), which is no character, is read as U+FFFD; else such a text is invalid.")])],
                [.init("value", .any)] + failure("invalid_json"), "The value of a JSON text; null is `json.null`. Raw values are written as they came, digit by digit; `tostring` gives their text."),
            function("json", "array", [.init("list", .table, optional: true)], [.init("list", .table)], "Marks a table as a list, so that it is `[]` even when it is empty."),
            function("json", "raw", [.init("text", .string, "Valid JSON.")], [.init("value", .any)], "JSON text as a value that is written as it is."),
            function("json", "reader", [.init("options", .table, as: "nightjar.ReaderOptions", fields: readerFields)],
                [.init("read", .function, "Gives the record in a text; or nil, a code and the detail: `invalid_json`, `no_match` (a message of another kind), `invalid_value` (a needed field is missing, or has a value of another type).", as: "fun(text: string): table?, string?, string?")],
                "A function that reads messages of known kinds: the text once, straight into a table of the fields in their types. Faster than `decode`, and ids of 64 bits stay exact though they come as texts."),
            function("state", "get", [.init("key", .string), .init("default", .plain, optional: true)], [.init("value", .plain)], "A value that survives reloads."),
            function("state", "set", [.init("key", .string), .init("value", .plain)], [.init("done", .boolean, optional: true)] + failure("stale_generation"), "Keeps a value through reloads; nil removes it. An error in a package with `M.workers = \"all\"`, which has no state."),
            function("state", "all", [], [.init("values", .table)], "All that is kept, by key."),
        ] + random.map { (name, parameters, returns, text) in function("random", name, parameters, returns, text) }

    private static let readerFields = [
        HostField("name", .string, about: "The member that tells a record's kind. Default: `kind`."),
        HostField("within", .string, about: "The member of the message in which the record lies. Default: the message itself."),
        HostField("envelope", .table, as: "table<string, string>", about: "Members of the message that must have these texts; at most 8."),
        HostField("kinds", .table, as: "table<string, table<string, string|table>>", about: "Fields by kind, at most 64 each: `integer`, `number`, `boolean` or `string`, with `?` if they may be missing, or `{ type = …, optional = …, default = … }`. Members that are not named are left out. A kind that is not named keeps all its members as they came."),
        HostField("raw", .string, about: "The field that gets the whole text. Default: `raw`."),
        HostField("payload", .string, about: "The field that gives the record's members as they came, decoded when it is first asked for. Default: `payload`."),
    ]

    private static let randomObject = HostType(
        id: randomType, name: "random",
        methods: random.map { (name, parameters, returns, text) in
            HostFunction(name, parameters, returns: returns, text) { _ in .none }
        },
        "Random numbers: ChaCha20, no number more likely than another. A game's `ctx.random` is one; `nightjar.random` has the same functions, called with a dot.")

    private static let random: [(String, [HostParameter], [HostReturn], String)] = [
        ("integer", [.init("lowest", .integer), .init("highest", .integer)], [.init("value", .integer)], "A whole number, both ends included."),
        ("number", [], [.init("value", .number)], "A number from 0 up to, not including, 1."),
        ("shuffle", [.init("list", .table)], [.init("list", .table, "The same table.")], "Puts a list into random order."),
        ("sample", [.init("n", .integer), .init("k", .integer)], [.init("list", .table)], "k different whole numbers from 1 to n, in the order drawn."),
        ("pick", [.init("list", .table)], [.init("value", .any)], "One element of a list."),
        ("bytes", [.init("count", .integer, "At most 65536.")], [.init("bytes", .string)], "Random bytes."),
        ("uuid", [], [.init("text", .string)], "A random UUID (version 4)."),
    ]

    private static func failure(_ code: String) -> [HostReturn] {
        [.init("code", .string, optional: true, "With nil: `\(code)`."), .init("detail", .string, optional: true)]
    }

    private static func function(
        _ module: String, _ name: String, _ parameters: [HostParameter], _ returns: [HostReturn], _ documentation: String
    ) -> HostFunction {
        HostFunction(module: module, name, parameters, returns: returns, documentation) { _ in .none }
    }
}
