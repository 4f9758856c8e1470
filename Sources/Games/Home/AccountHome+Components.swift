import Bytes
import Logging
import Host
import Store

/// Session components, which are Lua: see ``CasinoScripts``.
extension AccountHome {
    /// Hands the message to the component and does what it answers; ends with `finish(session)`.
    func tell(_ which: String, _ message: [UInt8], for session: HomeSession) {
        let site = session.site.id
        home.scripts.component(which, description(of: session), message) { answer in
            switch answer {
            case .failed(let code, let detail):
                let known: SessionErrorCode = code == "unknown_component" ? .unknownComponent : .componentError
                self.fail(session, SessionError(known, detail, re: .component))
                self.finish(session)
            case .changes(nil):
                self.sendState(to: session)
                self.finish(session)
            case .changes(.some(let wanted)): self.replaceUserdata(wanted, site: site, for: session)
            }
        }
    }

    private func replaceUserdata(_ wanted: [UInt8], site: String, for session: HomeSession) {
        store(wanted, site: site) { result in
            if case .failure(let error) = result {
                self.home.shared.logger.error("userdata not stored", metadata: ["user": "\(self.key.user)", "error": "\(error)"])
                self.readUserdataAgain(site) {
                    self.fail(session, SessionError(.internal, "the store cannot be reached, try again later", re: .component))
                    self.finish(session)
                }
            } else {
                self.sendState { $0.site.id == site }
                self.finish(session)
            }
        }
    }

    private func readUserdataAgain(_ site: String, _ done: @escaping () -> Void) {
        home.shared.ledger.userdata(
            realm: key.realm, user: key.user, site: site, on: home.eventLoop,
            home.onLoop { result in
                if case .success(let text) = result { self.userdata[site] = text.map { Array($0.utf8) } ?? Userdata.empty }
                done()
            })
    }

    /// What a component may know of its session, as JSON.
    func description(of session: HomeSession) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(text: "{\"platform\":")
        bytes.append(jsonString: key.realm)
        bytes.append(text: ",\"site\":")
        bytes.append(jsonString: session.site.id)
        bytes.append(text: ",\"user\":")
        bytes.append(jsonString: key.user)
        if let game = session.game {
            bytes.append(text: ",\"game\":")
            bytes.append(jsonString: game.game)
        }
        bytes.append(text: ",\"credits\":")
        bytes.append(decimal: accounts[session.site.denomination.name]?.credits ?? 0)
        bytes.append(text: ",\"userdata\":")
        bytes.append(contentsOf: userdata[session.site.id] ?? Userdata.empty)
        bytes.append(text: "}")
        return bytes
    }
}
