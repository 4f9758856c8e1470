import Bytes
import Synchronization
import NIOCore

/// Answers on their way to their loops, in the order added. However many there are, at most one `execute` per loop is
/// under way, so a loop that asks a hundred things in one turn is woken once. Any thread.
///
/// Without a bound of its own: each answer belongs to a request, and refusing one would be an answer too. Who makes
/// requests is bounded.
final class Completions: Sendable {
    typealias Answer = @Sendable () -> Void

    private struct Waiting {
        let loop: any EventLoop
        var answers: [Answer] = []
        /// The array of the turn before, emptied: a loop under load would else grow a new one each turn.
        var spare: [Answer] = []

        mutating func take() -> [Answer] {
            let taken = answers
            answers = spare
            spare = []
            return taken
        }
    }

    /// Answers for which a spare array keeps room.
    private static let spareAnswers = 1_024

    /// One for each loop that ever asked; a process has few.
    private let waiting = Lock<[Waiting]>([])

    func add(_ loop: any EventLoop, _ answer: @escaping Answer) {
        let isFirst = waiting.withLock { waiting in
            let index = Completions.index(of: loop, in: &waiting)
            waiting[index].answers.append(answer)
            return waiting[index].answers.count == 1
        }
        if isFirst { loop.execute { self.deliver(on: loop) } }
    }

    /// What is added meanwhile comes with the next `execute`, never in this one.
    private func deliver(on loop: any EventLoop) {
        var answers = waiting.withLock { waiting in
            let index = Completions.index(of: loop, in: &waiting)
            return waiting[index].take()
        }
        for answer in answers { answer() }
        if answers.capacity > Completions.spareAnswers { return }
        answers.removeAll(keepingCapacity: true)
        waiting.withLock { waiting in
            let index = Completions.index(of: loop, in: &waiting)
            swap(&waiting[index].spare, &answers)
        }
    }

    private static func index(of loop: any EventLoop, in waiting: inout [Waiting]) -> Int {
        for index in waiting.indices where waiting[index].loop === loop { return index }
        waiting.append(Waiting(loop: loop))
        return waiting.count - 1
    }
}
