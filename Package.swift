// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// An arrow that is not listed here does not compile: a module imports only what stands below it.
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
                "CD360Webhook", "CCrypto", "EmbeddedService", "Fleet", "RemoteService", "SQLiteStorage", "Waiting",
                "WebhookModel",
            ]),
        .executableTarget(
            name: "Daemon",
            dependencies: [
                "CCrypto", "CCurl", "CMicrohttpd", "CSQLite", "EmbeddedService", "PostgreSQLStorage", "SQLiteStorage", "Waiting",
                "WebhookModel",
            ],
            resources: [.embedInCode("openapi.json")]),
        .target(name: "Fleet", dependencies: ["CCrypto", "CCurl", "Waiting", "WebhookModel"]),
        .target(name: "RemoteService", dependencies: ["CCurl", "Waiting", "WebhookModel"]),
        .target(name: "SQLiteStorage", dependencies: ["CSQLite", "EmbeddedService", "Waiting", "WebhookModel"]),
        .target(name: "PostgreSQLStorage", dependencies: ["CPostgreSQL", "EmbeddedService", "Waiting", "WebhookModel"]),
        .target(name: "EmbeddedService", dependencies: ["CCrypto", "Waiting", "WebhookModel"]),
        .target(name: "Waiting", dependencies: ["WebhookModel"]),
        .target(name: "WebhookModel", dependencies: ["CCurl", "CJansson"]),
        .systemLibrary(name: "CD360Webhook", path: "include"),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CMicrohttpd", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
        .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .testTarget(name: "WebhookModelTests", dependencies: ["WebhookModel"]),
        .testTarget(name: "FleetTests", dependencies: ["EmbeddedService", "Fleet", "SQLiteStorage", "Waiting", "WebhookModel"]),
        .testTarget(name: "EmbeddedServiceTests", dependencies: ["EmbeddedService", "SQLiteStorage", "WebhookModel"]),
        .testTarget(
            name: "SQLiteStorageTests", dependencies: ["CSQLite", "EmbeddedService", "SQLiteStorage", "Waiting", "WebhookModel"]),
        .testTarget(
            name: "PostgreSQLStorageTests",
            dependencies: ["CPostgreSQL", "EmbeddedService", "PostgreSQLStorage", "Waiting", "WebhookModel"]),
    ],
    swiftLanguageModes: [.v6]
)
