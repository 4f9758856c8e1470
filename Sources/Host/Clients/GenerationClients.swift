extension Generation {
    /// The client that was declared as the `number`-th of this generation, from 0. Nil where there is none: while it loads, in
    /// specs, and before a swap for one that is new.
    package func client(_ number: Int) -> ScriptClient? {
        if number < clients.count { return clients[number] }
        guard phase == .staged, let unit, number < registrations.clients.count else { return nil }
        return unit.clients.survivor(of: registrations.clients[number].identity)
    }

    /// Bytes that the running slice has asked to be sent by a client.
    package func plannedBytes(client number: Int) -> Int {
        // Most slices send little, whoever it goes to.
        guard effects.clientBytes > ClientSettings.maxUnsent / 2 else { return effects.clientBytes }
        return effects.bytes(client: Int32(number))
    }
}
