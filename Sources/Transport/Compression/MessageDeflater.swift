/// Compresses the messages to one connection. Used on its loop only.
final class MessageDeflater {
    let form: DeflateForm
    /// Messages refer to earlier ones, so nothing can be shared with other connections.
    let keepsContext: Bool
    /// Messages of fewer bytes are sent as they are.
    let threshold: Int
    let contexts: CompressionContexts
    /// From the first compressed message on, if contexts are kept.
    private var own: DeflateContext?

    init(_ agreement: CompressionAgreement, _ contexts: CompressionContexts) {
        form = agreement.form
        keepsContext = agreement.keepsSent
        threshold = agreement.threshold
        self.contexts = contexts
    }

    /// The payload of the compressed message; nil: send it plain. Valid until the loop compresses the next one.
    func compress(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard keepsContext else { return contexts.compress(bytes, form) }
        guard let context = own ?? DeflateContext(form) else { return nil }
        let result = contexts.compress(bytes, with: context)
        // A fresh context is always right: it refers to nothing.
        own = result == nil ? nil : context
        return result
    }
}
