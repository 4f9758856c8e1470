import Bytes
import Crypto
import Host
import LuaRuntime

/// `nightjar.crypto`: digests and encodings. Digests are raw bytes; `hex` makes them readable.
struct CryptoAPI: HostModule {
    var functions: [HostFunction] { Self.all }

    /// Bytes of a text: hashing or encoding as many takes a few milliseconds, and a handler has 20.
    private static let bytesMax = 4 << 20
    private static let text = HostParameter("text", .string, "Any bytes, at most 4 MiB.")
    private static let digest = [HostReturn("digest", .string, "Raw bytes.")]

    private static let all = [
        convert("sha256", returns: digest, "SHA-256 (FIPS 180-4), 32 bytes.") { Array(SHA256.hash(data: $0)) },
        convert("sha1", returns: digest, "SHA-1, 20 bytes; only for protocols that ask for it.") { Array(Insecure.SHA1.hash(data: $0)) },
        hmac, equal,
        convert("hex", returns: [HostReturn("hex", .string)], "Bytes as lower-case hexadecimal digits.") { bytes in
            var result: [UInt8] = []
            result.append(hex: bytes)
            return result
        },
        convert("base64", returns: [HostReturn("text", .string)], "Base64 with padding (RFC 4648, section 4).") {
            Base64.encode($0, url: false)
        },
        convert("base64url", returns: [HostReturn("text", .string)], "Base64 for URLs, without padding (RFC 4648, section 5).") {
            Base64.encode($0, url: true)
        },
        parse("unhex", "Bytes from hexadecimal digits; nil, \"invalid_hex\" if they are none.", code: "invalid_hex") { Hex.bytes($0) },
        parse("unbase64", "Bytes from base64, both alphabets, padding optional; nil, \"invalid_base64\" if it is none.", code: "invalid_base64") {
            Base64.decode($0)
        },
    ]

    private static let hmac = HostFunction(
        module: "crypto", "hmac_sha256", [HostParameter("key", .string, "Any bytes."), text], returns: digest,
        "HMAC-SHA-256 (RFC 2104), 32 bytes."
    ) { call in
        guard let key = call.bytes(0), let text = call.bytes(1) else { return .raise("bad argument to 'crypto.hmac_sha256'") }
        if let refusal = tooLong(key, 0, "hmac_sha256") ?? tooLong(text, 1, "hmac_sha256") { return refusal }
        let code = HMAC<SHA256>.authenticationCode(for: text, using: SymmetricKey(data: key))
        call.returnBytes(Array(code))
        return .values
    }

    private static let equal = HostFunction(
        module: "crypto", "equal", [HostParameter("a", .string), HostParameter("b", .string)],
        returns: [HostReturn("equal", .boolean)],
        "Compares secrets: the time does not depend on where they differ."
    ) { call in
        guard let a = call.bytes(0), let b = call.bytes(1) else { return .raise("bad argument to 'crypto.equal'") }
        if let refusal = tooLong(a, 0, "equal") ?? tooLong(b, 1, "equal") { return refusal }
        call.returnBoolean(ConstantTime.equal(a, b))
        return .values
    }

    private static func tooLong(_ bytes: UnsafeRawBufferPointer, _ index: Int, _ name: String) -> HostResult? {
        bytes.count <= bytesMax ? nil : .raise("bad argument #\(index + 1) to 'crypto.\(name)' (at most \(bytesMax) bytes expected)")
    }

    private static func convert(
        _ name: String, returns: [HostReturn], _ documentation: String, _ body: @escaping @Sendable (UnsafeRawBufferPointer) -> [UInt8]
    ) -> HostFunction {
        HostFunction(module: "crypto", name, [text], returns: returns, documentation) { call in
            guard let bytes = call.bytes(0) else { return .raise("bad argument #1 to 'crypto.\(name)'") }
            if let refusal = tooLong(bytes, 0, name) { return refusal }
            call.returnBytes(body(bytes))
            return .values
        }
    }

    private static func parse(
        _ name: String, _ documentation: String, code: String, _ body: @escaping @Sendable (UnsafeRawBufferPointer) -> [UInt8]?
    ) -> HostFunction {
        HostFunction(
            module: "crypto", name, [HostParameter("text", .string)], returns: [HostReturn("bytes", .string, optional: true)], documentation
        ) { call in
            guard let bytes = call.bytes(0) else { return .raise("bad argument #1 to 'crypto.\(name)'") }
            if let refusal = tooLong(bytes, 0, name) { return refusal }
            guard let result = body(bytes) else { return .failure(code: code, detail: "the text is malformed") }
            call.returnBytes(result)
            return .values
        }
    }
}
