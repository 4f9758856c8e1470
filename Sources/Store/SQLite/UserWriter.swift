/// Users and their data. Owned by the writer thread.
struct UserWriter {
    let access: WriteAccess

    func setUserdata(realm: String, user: String, site: String, json: String) throws(SQLFailure) {
        try access.write()
        let row = try access.sql(
            """
            INSERT INTO userdata (realm, user, site, json) VALUES (?, ?, ?, ?)
            ON CONFLICT (realm, user, site) DO UPDATE SET json = excluded.json
            """)
        row.add(realm)
        row.add(user)
        row.add(site)
        row.add(json)
        try row.run()
    }

    /// The id that a user has been given; nil: there is no such user.
    func id(realm: String, uid: String) throws(SQLFailure) -> StateID? { try Rows.userID(realm: realm, uid: uid, access.sql) }

    func user(realm: String, uid: String, profile: String) throws -> UserRecord {
        let known = try access.sql("SELECT id, created, profile FROM users WHERE realm = ? AND uid = ?")
        known.add(realm)
        known.add(uid)
        if try known.step() {
            defer { known.finish() }
            guard let id = known.id(0) else { throw StoreError(.corrupt, "id of user \(uid)") }
            let record = UserRecord(
                realm: realm, uid: uid, id: id, profile: profile, created: known.int(1), isNew: false)
            if known.text(2) != profile { try updateProfile(record) }
            return record
        }
        let record = UserRecord(realm: realm, uid: uid, id: .random(), profile: profile, created: access.clock(), isNew: true)
        try access.write()
        let row = try access.sql("INSERT INTO users (realm, uid, id, profile, created) VALUES (?, ?, ?, ?, ?)")
        row.add(realm)
        row.add(uid)
        row.add(record.id)
        row.add(profile)
        row.add(record.created)
        try row.run()
        return record
    }

    private func updateProfile(_ record: UserRecord) throws(SQLFailure) {
        try access.write()
        let row = try access.sql("UPDATE users SET profile = ? WHERE realm = ? AND uid = ?")
        row.add(record.profile)
        row.add(record.realm)
        row.add(record.uid)
        try row.run()
    }
}
