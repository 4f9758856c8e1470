/// Receives what happens to a client's connection. All calls come on the connection's event loop, and none while the
/// delegate is calling into the client.
public protocol WebSocketClientDelegate: AnyObject {
    /// The handshake is done; messages may be sent. At most once, first.
    func opened(_ client: WebSocketClient)

    /// One whole message; text is valid UTF-8. May also come after `close`, until the server's close frame.
    /// - Parameter bytes: Valid only during the call.
    func received(_ client: WebSocketClient, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind)

    /// After the last message of one socket read.
    func readComplete(_ client: WebSocketClient)

    /// The server has sent its close frame: nothing more comes from it. To be answered with `answerClose` or `close`, in this call
    /// or once everything that came before is handled; what is sent until then goes out before the close frame. After
    /// `WebSocketClientOptions.closeTimeout` it is answered in any case.
    func closing(_ client: WebSocketClient)

    /// The WebSocket was open and is gone. Exactly once after `opened`, after all messages.
    func closed(_ client: WebSocketClient, _ end: WebSocketClientEnd)

    /// The WebSocket did not come to be. Exactly once, instead of `opened`.
    func failed(_ client: WebSocketClient, _ error: WebSocketClientError)

    /// Nothing of the client is under way any more, not even the look-up of a name that nobody waits for: the loop may end.
    /// Exactly once, last.
    func released(_ client: WebSocketClient)
}

extension WebSocketClientDelegate {
    public func readComplete(_ client: WebSocketClient) {}

    public func released(_ client: WebSocketClient) {}

    /// For who handles messages within `received`.
    public func closing(_ client: WebSocketClient) { client.answerClose() }
}
