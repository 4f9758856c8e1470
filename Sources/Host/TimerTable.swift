package import LuaRuntime
package import NIOCore

/// The timers of one generation. Unnamed ones end with it; a named one goes on in the next generation if that declares it
/// again, and keeps its due time if the interval is the same.
package struct TimerTable {
    package struct Entry {
        var name: String?
        /// Nanoseconds, 1 ms or more.
        var interval: Int64
        var repeats: Bool
        package var function: LuaRef
        /// Nil until armed.
        var due: NIODeadline?
        /// Its time is in the unit's list.
        var isArmed = false
        /// Its time has come, and its input waits.
        var isQueued = false
        /// Its handler waits; the next turn of a repeating timer is left out.
        var isRunning = false

        package init(name: String?, interval: Int64, repeats: Bool, function: LuaRef, due: NIODeadline? = nil) {
            self.name = name
            self.interval = interval
            self.repeats = repeats
            self.function = function
            self.due = due
        }
    }

    private(set) var entries: [TimerID: Entry] = [:]
    private var names: [String: TimerID] = [:]
    private var next: Int64 = 1

    init() {}

    package var count: Int { entries.count }
    var ids: [TimerID] { entries.keys.sorted { $0.rawValue < $1.rawValue } }

    subscript(id: TimerID) -> Entry? {
        get { entries[id] }
        set {
            if let newValue { entries[id] = newValue } else { _ = remove(id) }
        }
    }

    func id(named name: String) -> TimerID? { names[name] }

    /// Adds a timer. Its name counts from `claim` on, so that a slice that fails has replaced nothing.
    package mutating func add(_ entry: Entry) -> TimerID {
        let id = TimerID(rawValue: next)
        next += 1
        entries[id] = entry
        return id
    }

    /// Gives a timer its name. Another one of the name is handed back for its function to be
    /// released; its due time is taken over if interval and kind are the same.
    package mutating func claim(_ id: TimerID) -> Entry? {
        guard let name = entries[id]?.name, names[name] != id else { return nil }
        let replaced = names[name].flatMap { remove($0) }
        if let replaced { entries[id]?.takeDue(from: replaced) }
        names[name] = id
        return replaced
    }

    package mutating func remove(_ id: TimerID) -> Entry? {
        guard let entry = entries.removeValue(forKey: id) else { return nil }
        if let name = entry.name, names[name] == id { names[name] = nil }
        return entry
    }

    /// Carries due times of named timers over from the generation before.
    mutating func inherit(from old: borrowing TimerTable) {
        for (name, id) in names {
            guard let former = old.id(named: name), let entry = old[former] else { continue }
            entries[id]?.takeDue(from: entry)
        }
    }

    /// When a repeating timer is due next after `due`: on its grid, never in the past.
    static func next(after due: NIODeadline, interval: Int64, now: NIODeadline) -> NIODeadline {
        let step = TimeAmount.nanoseconds(interval)
        let next = due + step
        return next > now ? next : now + step
    }
}

extension TimerTable.Entry {
    mutating func takeDue(from other: TimerTable.Entry) {
        if other.interval == interval, other.repeats == repeats, let due = other.due { self.due = due }
    }
}
