import Host
import LuaRuntime
import Transport

extension HostCall {
    /// Where the script calls from, to be told when what it declares is refused later.
    var site: DeclarationSite? { caller.map { DeclarationSite(chunk: $0.chunk, line: $0.line) } }

    /// Notes that the script declares routes. A pattern that contradicts itself and a route it has declared before are
    /// mistakes of this line; what belongs to others is found when the whole package is known.
    ///
    /// - Returns: The error to raise, or nil.
    func declare(_ claims: [RouteClaim]) -> HostResult? {
        let generation = generation
        for claim in claims {
            let key: RouteKey
            do throws(MalformedPattern) { key = try claim.key() } catch { return .raise(error.description) }
            if let former = generation.registrations.routeSites[key] {
                let place = former.site.map { " at \($0.chunk):\($0.line)" } ?? ""
                let name = former.claim == claim ? "" : " as \(former.claim.pattern)"
                return .raise("the route \(claim) is declared already\(name)\(place)")
            }
            generation.registrations.routeSites[key] = (claim, site)
        }
        return nil
    }
}
