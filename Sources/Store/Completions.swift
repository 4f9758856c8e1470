import NIOCore
import Synchronization

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
    }

    /// One for each loop that ever asked; a process has few.
    private let waiting = Mutex<[Waiting]>([])

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
        let answers = waiting.withLock { waiting in
            let index = Completions.index(of: loop, in: &waiting)
            defer { waiting[index].answers = [] }
            return waiting[index].answers
        }
        for answer in answers { answer() }
    }

    private static func index(of loop: any EventLoop, in waiting: inout [Waiting]) -> Int {
        for index in waiting.indices where waiting[index].loop === loop { return index }
        waiting.append(Waiting(loop: loop))
        return waiting.count - 1
    }
}
