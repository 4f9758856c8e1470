import Host
import LuaRuntime

/// `nightjar.nearest`: what somebody meant who misspelt a name.
struct NearestAPI: HostModule {
    var functions: [HostFunction] { [Self.nearest] }

    /// Names that are compared; comparing more could take longer than a handler has.
    private static let namesMax = 256
    private static let nameBytesMax = 64

    private static let nearest = HostFunction(
        "nearest",
        [
            HostParameter("name", .string, "What was written."),
            HostParameter("names", .table, "List of the names there are, at most \(namesMax).", as: "string[]"),
        ],
        returns: [HostReturn("name", .string, optional: true, "nil if none is near.")], isPure: true,
        "Gives the name that was probably meant by a misspelt one, for a message: the one that is a letter or two away."
    ) { call in
        guard call.length(1) <= namesMax else { return .raise("bad argument #2 to 'nearest' (at most \(namesMax) names expected)") }
        var names: [String] = []
        for position in 0..<call.length(1) {
            guard let element = call.element(1, position + 1), call.length(element) <= nameBytesMax, let name = call.string(element) else {
                continue
            }
            names.append(name)
        }
        guard call.length(0) <= nameBytesMax, let name = call.string(0), let found = Suggestion.nearest(name, among: names) else {
            call.returnNil()
            return .values
        }
        call.returnString(found)
        return .values
    }
}
