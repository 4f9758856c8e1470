// swift-tools-version: 6.1
import PackageDescription

/// In builds with the thread sanitizer (`make tsan`) the locks are of a kind that it can see, see `Sources/Bytes/Lock.swift`.
let sanitizing: [SwiftSetting] = Context.environment["NIGHTJAR_TSAN"] == nil ? [] : [.define("NIGHTJAR_TSAN")]

/// One set of rules for every Swift target: Swift 6 language mode (the tools version's default) plus the
/// upcoming features that turn an accidental public dependency into a compile error.
let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    // Dynamic exclusivity checks cost up to 12 % on the path of a message; tests run with them, the release goes without.
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
] + sanitizing

/// Products of the packages below, by the module they bring.
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

let package = Package(
    name: "nightjar",
    products: [
        .executable(name: "nightjar", targets: ["Nightjar"]),
        .library(name: "NightjarTesting", targets: ["NightjarTesting"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", exact: "2.37.6"),
        .package(url: "https://github.com/swift-server/async-http-client.git", exact: "1.37.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration.git", exact: "1.4.0"),
        .package(url: "https://github.com/apple/swift-log.git", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", exact: "2.13.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", exact: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .target(name: "CLuaShim", dependencies: ["CLua"]),
        .target(name: "LuaRuntime", dependencies: ["CLuaShim"], swiftSettings: swiftSettings),
        .target(name: "Bytes", swiftSettings: swiftSettings),
        .target(
            name: "Transport",
            dependencies: ["Bytes", "CZlib", nioCore, nioPosix, nioHTTP1, nioSSL, crypto, logging],
            swiftSettings: swiftSettings
        ),
        .target(name: "Store", dependencies: ["Bytes", "CSQLite", "CZlib", nioCore, crypto, logging], swiftSettings: swiftSettings),
        .target(name: "Auth", dependencies: ["Bytes", "Store", nioCore, crypto, cryptoExtras], swiftSettings: swiftSettings),
        .target(
            name: "Host",
            dependencies: ["Bytes", "LuaRuntime", "Transport", nioCore, nioPosix, nioHTTP1, logging],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "HostModules",
            dependencies: [
                "Auth", "Bytes", "Host", "LuaRuntime", "Store", "Transport", nioCore, nioPosix, nioHTTP1, httpClient, crypto, logging, metrics,
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "Reload",
            dependencies: ["Bytes", "Host", "LuaRuntime", "Transport", nioCore, nioPosix, nioHTTP1, logging],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "Games",
            dependencies: ["Bytes", "Host", "LuaRuntime", "Store", "Transport", nioCore, nioPosix, nioHTTP1, httpClient, crypto, logging],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "Nightjar",
            dependencies: [
                "Auth", "Bytes", "Games", "Host", "HostModules", "LuaRuntime", "Reload", "Store", "Transport",
                nioCore, nioPosix, nioHTTP1, httpClient, argumentParser, configuration, lifecycle, unixSignals, logging,
            ],
            swiftSettings: swiftSettings
        ),

        // The test kit: a server in the test process, its clients, its clock, faults. Our tests use it like anybody's.
        .target(
            name: "NightjarTesting",
            dependencies: [
                "Bytes", "Games", "Host", "HostModules", "LuaRuntime", "Reload", "Store", "Transport",
                nioCore, nioPosix, nioHTTP1, nioSSL, logging,
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(name: "BytesTests", dependencies: ["Bytes", "NightjarTesting"], swiftSettings: swiftSettings),
        .testTarget(name: "LuaRuntimeTests", dependencies: ["LuaRuntime", "NightjarTesting"], swiftSettings: swiftSettings),
        .testTarget(name: "SandboxTests", dependencies: ["LuaRuntime"], exclude: ["escapes"], swiftSettings: swiftSettings),
        .testTarget(
            name: "TransportTests",
            dependencies: ["Bytes", "Transport", "NightjarTesting", "CZlib", nioCore, nioPosix, nioHTTP1, nioSSL, nioEmbedded, logging],
            swiftSettings: swiftSettings
        ),
        .testTarget(name: "StoreTests", dependencies: ["Bytes", "Store", "NightjarTesting", nioCore, nioPosix, logging], exclude: ["Fixtures"], swiftSettings: swiftSettings),
        .testTarget(
            name: "HostTests",
            dependencies: [
                "Bytes", "Games", "Host", "HostModules", "LuaRuntime", "Reload", "Store", "Transport", "NightjarTesting",
                nioCore, nioPosix, nioHTTP1, nioEmbedded, logging,
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "HostModulesTests",
            dependencies: [
                "Bytes", "Games", "Host", "HostModules", "LuaRuntime", "Reload", "Store", "Transport", "NightjarTesting",
                nioCore, nioPosix, nioHTTP1, nioEmbedded, logging,
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "ReloadTests",
            dependencies: [
                "Bytes", "Games", "Host", "HostModules", "LuaRuntime", "Reload", "Store", "Transport", "NightjarTesting",
                nioCore, nioPosix, nioHTTP1, nioEmbedded, logging,
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "CasinoTests",
            dependencies: ["Bytes", "Games", "Host", "HostModules", "LuaRuntime", "Reload", "Store", "Transport", "NightjarTesting", nioCore, nioPosix, nioEmbedded, crypto, logging],
            exclude: ["Fixtures"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "SyncTests",
            dependencies: [
                "Bytes", "Games", "Host", "HostModules", "LuaRuntime", "Reload", "Store", "Transport", "NightjarTesting",
                nioCore, nioPosix, nioHTTP1, logging,
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Bytes", "Host", "HostModules", "LuaRuntime", "Reload", "Store", "Transport", "NightjarTesting", nioCore, nioPosix, logging,
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "LogsTests",
            dependencies: ["Bytes", "Host", "HostModules", "LuaRuntime", "Reload", "Store", "Transport", "NightjarTesting", nioCore, nioPosix, logging],
            swiftSettings: swiftSettings
        ),
        .testTarget(name: "AuthTests", dependencies: ["Auth", "Bytes", "Store", "NightjarTesting", nioCore, nioPosix, crypto, cryptoExtras], swiftSettings: swiftSettings),
        .testTarget(
            name: "ArgusTests",
            dependencies: ["Auth", "Bytes", "Host", "LuaRuntime", "Nightjar", "Reload", "Store", "NightjarTesting", nioCore, nioPosix, crypto, logging],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "TriggersTests",
            dependencies: ["Bytes", "Host", "LuaRuntime", "Reload", "NightjarTesting", nioCore, nioPosix, crypto], swiftSettings: swiftSettings
        ),
        .testTarget(name: "NightjarTestingTests", dependencies: ["NightjarTesting", "Store"], exclude: ["outside.sh"], swiftSettings: swiftSettings),
        // Runs misbehaving scripts in a process of its own, which may well die; the tests, the soaks and the figures use it.
        .executableTarget(
            name: "misbehave",
            dependencies: ["NightjarTesting", "Games", "Host", "LuaRuntime", "Reload"],
            path: "Tests/Misbehave",
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "MisbehaviourTests", dependencies: ["NightjarTesting", "misbehave"], exclude: ["cases"], swiftSettings: swiftSettings
        ),
        // By themselves: they measure how long a process takes to end, and what misbehaves beside them would take its time.
        .testTarget(name: "ServerProcessTests", dependencies: ["NightjarTesting", "Nightjar"], swiftSettings: swiftSettings),
        .testTarget(
            name: "NightjarTests",
            dependencies: ["Bytes", "Games", "HostModules", "Nightjar", "Reload", "Store", "Transport", "NightjarTesting", nioCore, nioPosix, logging],
            swiftSettings: swiftSettings
        ),
    ]
)
