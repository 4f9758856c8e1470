import Logging
import LuaRuntime
import NIOCore
import NIOHTTP1
import Transport

/// The endpoints and routes of one unit on the worker that runs it. Loop-bound.
///
/// An object stays the same as long as its path is declared; only the handlers in it change, so connections need not be told
/// of a swap.
final class UnitRoutes {
    private unowned let unit: Unit
    private unowned let worker: Worker
    /// By path.
    private(set) var endpoints: [String: ScriptEndpoint] = [:]
    /// By method and pattern.
    private(set) var responders: [String: ScriptResponder] = [:]

    init(unit: Unit, worker: Worker) {
        self.unit = unit
        self.worker = worker
    }

    /// To be called whenever the unit's running generation, its being held, or the handlers change.
    func retarget() {
        for endpoint in endpoints.values { endpoint.retarget() }
    }

    /// Points the unit's endpoints and routes on this loop at the handlers of a generation.
    func install(_ generation: Generation) {
        let declared = generation.registrations
        var endpoints: [String: ScriptEndpoint] = [:]
        var responders: [String: ScriptResponder] = [:]
        for endpoint in declared.endpoints {
            let object = self.endpoints[endpoint.path] ?? ScriptEndpoint(unit: unit, path: endpoint.path)
            object.handlers = endpoint.handlers
            object.settings = endpoint.settings
            endpoints[endpoint.path] = object
        }
        for route in declared.routes {
            let object = self.responders[route.key] ?? ScriptResponder(unit: unit)
            object.handler = route.handler
            object.options = route.options
            responders[route.key] = object
        }
        for (path, endpoint) in self.endpoints where endpoints[path] == nil {
            endpoint.handlers = EndpointHandlers()
            endpoint.retarget()
            unit.connections.close(endpoint)
        }
        for (key, responder) in self.responders where responders[key] == nil { responder.handler = nil }
        self.endpoints = endpoints
        self.responders = responders
        retarget()
        guard worker.context != nil else { return }
        if generation.settings.placement == .one { worker.services.rooms?.own(prefix: generation.roomPrefix, loopIndex: worker.index) }
        var routes = endpoints.map { Route.webSocket($0.key, $0.value) }
        for route in declared.routes {
            routes.append(.method(.init(rawValue: route.method), route.pattern, responders[route.key]!))
        }
        worker.setRoutes(unit.id, listener: generation.settings.listener, routes + worker.folderRoutes(declared.manifest))
    }

    /// The unit ends: its connections have nobody to talk to.
    func clear() {
        for endpoint in endpoints.values {
            endpoint.handlers = EndpointHandlers()
            endpoint.retarget()
        }
        for responder in responders.values { responder.handler = nil }
        unit.connections.closeAll()
    }
}

extension Registrations.HTTPRoute {
    var key: String { method + " " + pattern }

    var options: HTTPOptions {
        RouteManifest.HTTPRoute(method: method, pattern: pattern, maxBodyBytes: maxBodyBytes, cors: cors).options
    }
}

extension RouteManifest.HTTPRoute {
    var key: String { method + " " + pattern }

    var options: HTTPOptions {
        var options = HTTPOptions()
        if let maxBodyBytes { options.maxBody = maxBodyBytes }
        options.cors = cors
        return options
    }
}
