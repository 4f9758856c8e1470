import Logging
import LuaRuntime
import NIOCore
import NIOHTTP1
import Transport

/// A unit whose handlers live on another worker, as one socket loop knows it.
final class ForwardedUnit {
    var endpoints: [String: ForwardingEndpoint] = [:]
    init() {}
}

extension Worker {
    /// Sends the routes of a unit that another worker runs there, replacing what this loop had for it. Connections that are
    /// open stay with the endpoint of their path.
    func forward(_ unit: UnitID, listener: String, _ manifest: RouteManifest, to home: WorkerHandle) {
        guard context != nil else { return }
        let forwarded = forwards[unit] ?? ForwardedUnit()
        forwards[unit] = forwarded
        let link = link(to: home)
        var endpoints: [String: ForwardingEndpoint] = [:]
        for endpoint in manifest.endpoints {
            if let known = forwarded.endpoints[endpoint.path] {
                known.settings = endpoint.settings
                endpoints[endpoint.path] = known
            } else {
                endpoints[endpoint.path] = ForwardingEndpoint(
                    unit: unit, path: endpoint.path, settings: endpoint.settings, link: link, limits: services.limits)
            }
        }
        forwarded.endpoints = endpoints
        var routes = endpoints.map { Route.webSocket($0.key, $0.value) }
        for route in manifest.routes {
            let responder = ForwardingResponder(
                unit: unit, key: route.key, options: route.options, target: home, limit: services.limits.heldEvents)
            routes.append(.method(.init(rawValue: route.method), route.pattern, responder))
        }
        setRoutes(unit, listener: listener, routes + folderRoutes(manifest.folders))
    }

    /// Takes a unit's routes off this loop.
    func removeRoutes(_ unit: UnitID, listener: String) {
        forwards[unit] = nil
        setRoutes(unit, listener: listener, [])
    }

    /// Files are served by every loop itself.
    func folderRoutes(_ folders: [RouteManifest.StaticFolder]) -> [Route] {
        folders.map { folder in
            var policy = StaticFiles.Policy()
            if let index = folder.index { policy.index = index }
            let files = StaticFiles(root: folder.directory, policy: policy, threadPool: services.threadPool)
            let prefix = folder.prefix.hasSuffix("/") ? folder.prefix : folder.prefix + "/"
            return .get(prefix + "*", files)
        }
    }

    func setRoutes(_ unit: UnitID, listener: String, _ routes: [Route]) {
        do throws(RouteClash) {
            try context?.setRoutes(listener: listener, owner: unit.description, routes)
        } catch {
            // Clashes were looked for before the swap; what is left is a race with another unit, which the log has to tell.
            services.logger.error("routes not taken: \(error)", metadata: ["unit": "\(unit)"])
        }
    }

    /// Tells the units of this worker that the server is about to end: `on_stop`, while sockets are still open.
    func announceStop() {
        for slot in slots.values {
            guard let instance = slot.instance, let stop = instance.function("on_stop") else { continue }
            run(stop, instance, slot, .other) { _ in }
        }
    }

    /// Ends a unit on this worker: `on_unload`, then its connections are closed, then its state.
    func unload(_ id: UnitID) {
        guard let slot = existingSlot(id) else { return }
        if let instance = slot.instance {
            if let unload = instance.function("on_unload") { run(unload, instance, slot, .other) { _ in } }
            removeRoutes(id, listener: instance.settings.listener)
            for endpoint in slot.endpoints.values {
                endpoint.handlers = EndpointHandlers()
                endpoint.retarget()
            }
            for record in slot.records { close(record.id, 1001, UnsafeRawBufferPointer(start: nil, count: 0)) }
            _ = services.directory.replaceFunctions(of: id, worker: index, [])
            services.directory.removeTopics(instance.registrations.subscriptions.keys, worker: index)
            untapLog(id)
            cancelTimers(of: instance)
            instance.phase = .stale
            slot.instance = nil
            slot.draining.append(instance)
            limitJobs(of: instance)
            closeIfDone(instance, slot)
        }
    }

    /// Number of handlers that wait, of one unit or of all; for draining at the end.
    func waitingJobs(of id: UnitID? = nil) -> Int {
        guard let id else { return jobs.count }
        return jobs.values.count { $0.slot.id == id }
    }
}
