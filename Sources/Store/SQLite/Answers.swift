import NIOCore

/// Answers of one group, gathered so that each loop is woken once.
struct Answers {
    private var byLoop: [(loop: any EventLoop, answers: [@Sendable () -> Void])] = []

    mutating func add(_ loop: any EventLoop, _ answer: @escaping @Sendable () -> Void) {
        for index in byLoop.indices where byLoop[index].loop === loop {
            byLoop[index].answers.append(answer)
            return
        }
        byLoop.append((loop, [answer]))
    }

    func send() {
        for (loop, answers) in byLoop {
            loop.execute {
                for answer in answers { answer() }
            }
        }
    }
}
