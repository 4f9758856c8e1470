import NIOCore

/// Something that may have one deadline in the loop's wheel.
protocol TimerEntry: AnyObject {
    /// The wheel's own notes.
    var timer: TimerNote { get set }
    /// The deadline has come and is no longer set.
    func timerFired(now: UInt32)
}

/// Where an entry is in the wheel.
struct TimerNote {
    /// When to fire; meaningful unless `slot` is `none`.
    var due: UInt32 = 0
    var slot: Int16 = TimerNote.none

    static let none: Int16 = -1
    /// Taken out to be fired; whoever cancels meanwhile still can.
    static let firing: Int16 = -2
    var index: Int32 = 0

    init() {}
}

/// Deadlines of all connections of a loop: one scheduled task for the loop instead of one per connection, and setting a
/// later deadline is a store. Deadlines are kept to one tick, a quarter of a second.
final class TimerWheel {
    /// Coarse on purpose: the deadlines are seconds, and an idle server should not wake often.
    static let tick = TimeAmount.milliseconds(250)
    /// 128 seconds; a deadline further off is looked at once per turn of the wheel.
    private static let slotCount = 512

    private let eventLoop: any EventLoop
    private let start: NIODeadline
    private var slots: [[any TimerEntry]] = Array(repeating: [], count: slotCount)
    private var count = 0
    private var isTicking = false
    /// The current tick; brought up to date by the wheel's task, so reading it is free.
    private(set) var now: UInt32 = 0

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        start = eventLoop.now
    }

    /// Whole ticks that make up at least `time`; 0 for nil.
    static func ticks(_ time: TimeAmount?) -> UInt32 {
        guard let time else { return 0 }
        let ticks = (max(1, time.nanoseconds) + tick.nanoseconds - 1) / tick.nanoseconds
        return UInt32(clamping: min(ticks, 1 << 30))
    }

    /// Sets the entry's deadline, in place of an earlier one.
    func set(_ entry: any TimerEntry, after ticks: UInt32) {
        if count == 0 { refresh() }
        // One more, because the current tick is partly over.
        set(entry, due: now &+ max(1, ticks) &+ 1)
    }

    /// Does what `set` would, if no more than a store is needed: the entry has a deadline that is not later. For deadlines that
    /// are set with every message.
    @inline(__always)
    func postpone(_ note: inout TimerNote, after ticks: UInt32) -> Bool {
        let due = now &+ max(1, ticks) &+ 1
        guard note.slot >= 0, due >= note.due else { return false }
        note.due = due
        return true
    }

    func set(_ entry: any TimerEntry, due: UInt32) {
        let due = max(due, now &+ 1)
        if entry.timer.slot >= 0 {
            // The slot comes up no later than the new deadline and moves the entry on then.
            if due >= entry.timer.due {
                entry.timer.due = due
                return
            }
            remove(entry)
        }
        entry.timer.due = due
        insert(entry)
        if !isTicking { schedule() }
    }

    func cancel(_ entry: any TimerEntry) {
        if entry.timer.slot >= 0 { remove(entry) } else { entry.timer.slot = TimerNote.none }
    }

    private func insert(_ entry: any TimerEntry) {
        let slot = Int(entry.timer.due) % Self.slotCount
        entry.timer.slot = Int16(slot)
        entry.timer.index = Int32(slots[slot].count)
        slots[slot].append(entry)
        count += 1
    }

    private func remove(_ entry: any TimerEntry) {
        let slot = Int(entry.timer.slot)
        let index = Int(entry.timer.index)
        let last = slots[slot].removeLast()
        if index < slots[slot].count {
            slots[slot][index] = last
            last.timer.index = Int32(index)
        }
        entry.timer.slot = TimerNote.none
        count -= 1
    }

    private func refresh() {
        now = UInt32(clamping: (eventLoop.now - start).nanoseconds / Self.tick.nanoseconds)
    }

    private func schedule() {
        isTicking = true
        eventLoop.assumeIsolatedUnsafeUnchecked().scheduleTask(in: Self.tick) {
            self.isTicking = false
            self.turn()
            if self.count > 0, !self.isTicking { self.schedule() }
        }
    }

    /// Fires what is due since the last turn.
    private func turn() {
        let last = now
        refresh()
        let steps = min(Int(now &- last), Self.slotCount)
        guard steps > 0 else { return }
        for step in 1...steps {
            let slot = Int(last &+ UInt32(step)) % Self.slotCount
            if slots[slot].isEmpty { continue }
            // Taken out first: what fires may set deadlines, also in this slot.
            let entries = slots[slot]
            slots[slot].removeAll(keepingCapacity: entries.count <= 64)
            count -= entries.count
            for entry in entries { entry.timer.slot = TimerNote.firing }
            for entry in entries where entry.timer.slot == TimerNote.firing {
                if entry.timer.due <= now {
                    entry.timer.slot = TimerNote.none
                    entry.timerFired(now: now)
                } else {
                    insert(entry)
                }
            }
        }
    }
}
