import LuaRuntime
import NIOCore
import NIOHTTP1
import Transport

/// The page that a browser gets in place of an answer while developing: the error with the lines around it. It asks from
/// time to time whether the unit still runs the generation that failed, and loads itself again once it does not.
///
/// Never in production: there a client learns a number and nothing else.
enum ErrorPage {
    /// What the page asks with: the generation that failed. Such a request never reaches a handler.
    private static let watchHeader = "x-nightjar-watch"
    /// Lines shown before and after the one with the error.
    private static let context = 5
    /// Bytes of a message, a traceback or a line that are shown.
    private static let textBytesMax = 8_192
    private static let lineBytesMax = 400

    /// Whether the client is a browser that shows a page.
    static func isWanted(_ request: RequestInfo) -> Bool {
        request.fields.values("accept").contains { $0.lowercased().contains("text/html") }
    }

    /// The page's own style and script, and its asking whether it is out of date.
    private static let policy =
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'"

    static func answer(_ error: ScriptError, _ generation: Generation, _ request: RequestInfo, id: String) -> HTTPAnswer {
        var answer = HTTPAnswer()
        answer.status = 500
        answer.headers = ["content-type": "text/html; charset=utf-8", "cache-control": "no-store"]
        answer.headers.add(name: "content-security-policy", value: policy)
        answer.body = ByteBuffer(string: page(error, generation, request, id))
        return answer
    }

    /// The answer to a page that asks whether it is out of date: 204 if not, 205 if it is. Nil: an ordinary request.
    static func watch(_ request: RequestInfo, _ generation: Generation) -> HTTPAnswer? {
        guard generation.services.debug, let seen = request.fields.first(watchHeader) else { return nil }
        var answer = HTTPAnswer()
        answer.status = seen == "\(generation.number.number)" ? 204 : 205
        answer.headers = ["cache-control": "no-store"]
        return answer
    }

    private static func page(_ error: ScriptError, _ generation: Generation, _ request: RequestInfo, _ id: String) -> String {
        let place = error.chunk.map { chunk in error.line.map { "\(chunk):\($0)" } ?? chunk } ?? "\(generation.id)"
        let traceback = error.traceback.map { "<pre class=\"trace\">\(escaped($0))</pre>" } ?? ""
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>\(escaped(place))</title>
            <style>
            body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1d2430; background: #fbfaf7 }
            h1 { font-size: 1.2rem; color: #a3262a; overflow-wrap: anywhere }
            pre { font: 14px/1.5 ui-monospace, monospace; background: #fff; border: 1px solid #ddd8cc; padding: .7rem; overflow-x: auto }
            pre b { display: block; background: #fbe3e1; font-weight: normal }
            p, .trace { color: #5a6070 }
            @media (prefers-color-scheme: dark) {
              body { color: #e4e2dc; background: #14181f } h1 { color: #ff9b92 } p, .trace { color: #a2a8b5 }
              pre { background: #1b212b; border-color: #333b49 } pre b { background: #4b2429 }
            }
            </style></head><body>
            <h1>\(escaped(error.message))</h1>
            <p><code>\(escaped(place))</code>, in the answer to \(escaped(request.method.rawValue)) \(escaped(request.path)) of \(escaped("\(generation.id)")). \
            Number \(id) in the log.</p>
            \(excerpt(error, generation))\(traceback)
            <p id="state">This page goes away when the file is mended and saved.</p>
            <script>
            setInterval(async () => {
              try {
                const reply = await fetch(location.href, { method: "\(methodToAsk(request))", headers: { "\(watchHeader)": "\(generation.number.number)" } })
                if (reply.status === 204) return
              } catch { return }
              if ("\(request.method == .GET ? "GET" : "")" === "GET") location.reload()
              else document.getElementById("state").textContent = "The file was changed: go back and try again."
            }, 1000)
            </script></body></html>

            """
    }

    /// One of the methods a route can have; what else came is not put into a script.
    private static func methodToAsk(_ request: RequestInfo) -> String {
        ["POST", "PUT", "DELETE"].contains(request.method.rawValue) ? request.method.rawValue : "GET"
    }

    private static func excerpt(_ error: ScriptError, _ generation: Generation) -> String {
        guard let chunk = error.chunk, let line = error.line, let source = generation.sources[chunk] else { return "" }
        let lines = source.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.indices.contains(line - 1) else { return "" }
        let shown = max(1, line - context)...min(lines.count, line + context)
        let width = String(shown.upperBound).count
        let rows = shown.map { number in
            let label = String(repeating: " ", count: width - String(number).count) + "\(number)"
            let text = escaped(String(decoding: lines[number - 1].prefix(lineBytesMax), as: UTF8.self))
            return number == line ? "<b>\(label)  \(text)</b>" : "\(label)  \(text)\n"
        }
        return "<pre>\(rows.joined())</pre>"
    }

    /// Text for HTML, cut to a length a person reads.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in String(decoding: text.utf8.prefix(textBytesMax), as: UTF8.self).unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
