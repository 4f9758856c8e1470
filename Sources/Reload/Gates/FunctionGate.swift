import Host

/// A name given to `nightjar.provide` belongs to one unit: a call must not reach now one, now the other.
struct FunctionGate: Gate {
    let name = "functions"
    let claims: ClaimBook

    nonisolated(nonsending) func examine(_ candidate: Candidate) async -> Refusal? { refusal(candidate) }

    func refusal(_ candidate: Candidate) -> Refusal? {
        for function in candidate.claims.functions {
            guard let owner = claims.provider(of: function, besides: candidate.source.id.description) else { continue }
            return Refusal(
                candidate.error(
                    "function_taken", "the function \"\(function)\" is provided by \(owner)",
                    at: candidate.generation.registrations.functionSites[function]),
                cure: .release(of: .function(function), by: owner))
        }
        return nil
    }
}
