// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// A module imports only modules that are listed here. Every build checks it: --explicit-target-dependency-import-check error.
let package = Package(
    name: "libd360webhook",
    products: [
        .library(name: "D360Webhook", targets: ["D360Webhook"]),
        // What `make` links into libd360webhook.so; the flags that only the shared library needs are in the Makefile.
        .library(name: "d360webhook", type: .dynamic, targets: ["D360Webhook"]),
        .executable(name: "d360-webhookd", targets: ["Daemon"]),
    ],
    targets: [
        .target(
            name: "D360Webhook",
            dependencies: [
                "CD360Webhook", "Crypto", "EmbeddedService", "Fleet", "JSON", "RemoteService", "SQLiteStorage", "Support",
                "WebhookModel",
            ]),
        .executableTarget(
            name: "Daemon",
            dependencies: [
                "CMicrohttpd", "Crypto", "EmbeddedService", "JSON", "PostgreSQLStorage", "SQLiteStorage", "Support",
                "WebhookModel",
            ],
            resources: [.embedInCode("openapi.json")]),
        .target(name: "Fleet", dependencies: ["Crypto", "HTTPTransport", "JSON", "Support", "WebhookModel"]),
        .target(name: "RemoteService", dependencies: ["HTTPTransport", "JSON", "Support", "WebhookModel"]),
        .target(name: "SQLiteStorage", dependencies: ["CSQLite", "EmbeddedService", "JSON", "Support", "WebhookModel"]),
        .target(name: "PostgreSQLStorage", dependencies: ["CPostgreSQL", "EmbeddedService", "JSON", "Support", "WebhookModel"]),
        .target(name: "EmbeddedService", dependencies: ["Crypto", "JSON", "Support", "WebhookModel"]),
        .target(name: "HTTPTransport", dependencies: ["CCurl", "Support", "WebhookModel"]),
        .target(name: "WebhookModel", dependencies: ["CCurl", "JSON", "Support"]),
        .target(name: "JSON", dependencies: ["CJansson", "Support"]),
        .target(name: "Crypto", dependencies: ["CCrypto", "Support"]),
        .target(name: "Support"),
        .systemLibrary(name: "CD360Webhook", path: "include"),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CMicrohttpd", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
        .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .testTarget(name: "SupportTests", dependencies: ["Support"]),
        .testTarget(name: "WebhookModelTests", dependencies: ["JSON", "Support", "WebhookModel"]),
        .testTarget(
            name: "FleetTests", dependencies: ["EmbeddedService", "Fleet", "JSON", "SQLiteStorage", "Support", "WebhookModel"]),
        .testTarget(
            name: "EmbeddedServiceTests", dependencies: ["EmbeddedService", "JSON", "SQLiteStorage", "Support", "WebhookModel"]),
        .testTarget(
            name: "SQLiteStorageTests",
            dependencies: ["CSQLite", "EmbeddedService", "JSON", "SQLiteStorage", "Support", "WebhookModel"]),
        .testTarget(
            name: "PostgreSQLStorageTests",
            dependencies: ["CPostgreSQL", "EmbeddedService", "JSON", "PostgreSQLStorage", "Support", "WebhookModel"]),
    ],
    swiftLanguageModes: [.v6]
)
