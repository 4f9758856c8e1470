package import Host
package import NIOCore
package import Store

/// The host modules of this target, as a server registers them; those of other targets (the games' engines) are appended.
package struct StandardModules {
    /// Behind `nightjar.store` and `nightjar.outbox`.
    package var store: any KeyValue & Outbox
    /// First part of the keys that scripts write into it.
    package var realm = "local"
    /// Settings of packages (`nightjar.config`), a JSON object each, by the package's name.
    package var settings: [String: [UInt8]] = [:]
    /// Where each setting was written, by the package's name and the setting's, for messages.
    package var settingPlaces: [String: [String: SettingPlace]] = [:]
    /// Secrets of packages (`nightjar.config.matches`, `nightjar.auth`), by the package's name and the secret's.
    package var secrets: [String: [String: Secret]] = [:]
    /// Loops of the connections `nightjar.http.fetch` and `nightjar.auth` make; nil: nothing goes out (`nightjar check`).
    package var outgoing: (any EventLoopGroup)?

    /// Where the lines of `nightjar.output` go; it is called on the scripts' loops and must not wait.
    package var output: @Sendable (String) -> Void = { _ in }

    /// Where `nightjar.metrics` is shown.
    package var exposition = Exposition()

    package init(store: any KeyValue & Outbox) { self.store = store }

    /// New modules: one list for one server.
    package func list() -> [any HostModule] {
        let outgoing = outgoing.map(Outgoing.init)
        return [
            CoreAPI(), HTTPAPI(), FetchAPI(outgoing), WebSocketAPI(), ClientAPI(), ConnectionLookupAPI(), RoomAPI(),
            AccountAPI(desk: (store as? any Ledger).map { AccountDesk($0) }),
            StoreAPI(store: store, realm: realm), OutboxAPI(outbox: store, realm: realm), TimerAPI(), EventAPI(), CallAPI(), CryptoAPI(),
            AuthAPI(secrets: secrets, store: store, realm: realm, outgoing: outgoing), LogAPI(), OutputAPI(write: output),
            MetricsAPI(exposition: exposition),
            ConfigAPI(settings: settings, secrets: secrets, places: settingPlaces), DataAPI(), NearestAPI(), RuntimeAPI(),
        ]
    }
}
