import LuaRuntime
import NIOCore

/// The outgoing connections of one unit on the worker that runs it, by name. Loop-bound.
///
/// A client stays the same object as long as its name is declared with the same URL, headers and subprotocols; then its socket
/// stays open through a swap, and only the functions that hear of it change.
final class UnitClients {
    private unowned let unit: Unit
    private var clients: [String: ScriptClient] = [:]
    /// Those that are not declared any more, until their connections are gone.
    private var leaving: [ScriptClient] = []

    init(unit: Unit) { self.unit = unit }

    /// To be called whenever the unit's running generation, its being held, or the handlers change.
    func retarget() {
        for client in clients.values { client.endpoint.retarget() }
        for client in leaving { client.endpoint.retarget() }
    }

    /// Points the clients at the functions of a generation that goes live; opens new ones, closes those it does not have.
    func install(_ generation: Generation) {
        var next: [String: ScriptClient] = [:]
        var begun: [ScriptClient] = []
        for declared in generation.registrations.clients {
            let client: ScriptClient
            if let survivor = survivor(of: declared.identity) {
                client = survivor
            } else {
                client = ScriptClient(declared, unit: unit)
                begun.append(client)
            }
            client.take(declared)
            next[declared.identity.name] = client
            generation.clients.append(client)
        }
        for client in clients.values where next[client.identity.name] !== client { retire(client) }
        // What still comes from a former connection goes to the handlers of the one that has its name now.
        for client in leaving { client.use(next[client.identity.name]?.endpoint.handlers ?? EndpointHandlers()) }
        clients = next
        for client in begun where !client.settings.onDemand { client.open() }
    }

    /// The client that goes on if this is declared.
    func survivor(of identity: ClientIdentity) -> ScriptClient? {
        clients[identity.name].flatMap { $0.identity == identity && !$0.isOver ? $0 : nil }
    }

    private func retire(_ client: ScriptClient) {
        client.end()
        if client.links > 0 { leaving.append(client) }
    }

    /// The last connection of a client that is not declared any more is gone.
    func forget(_ client: ScriptClient) {
        leaving.removeAll { $0 === client }
        if unit.generation == nil { unit.worker.forgetIfOver(unit) }
    }

    /// The server ends: all are closed, and their handlers hear of it.
    func stop() {
        for client in clients.values { client.end() }
    }

    /// The unit ends: nobody hears of them any more.
    func clear() {
        for client in clients.values { retire(client) }
        clients = [:]
        for client in leaving { client.use() }
        retarget()
    }

    /// Connections and attempts that are not gone yet.
    var links: Int { clients.values.reduce(0) { $0 + $1.links } + leaving.reduce(0) { $0 + $1.links } }

    /// Nothing of them is left.
    var isOver: Bool { clients.isEmpty && leaving.isEmpty }
}
