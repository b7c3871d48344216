import PackageDescription

// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

// A program that depends on this package the way others do.
let package = Package(
    name: "Consumer",
    dependencies: [.package(name: "libd360webhook", path: "../..")],
    targets: [
        .executableTarget(name: "Consumer", dependencies: [.product(name: "D360Webhook", package: "libd360webhook")])
    ],
    swiftLanguageModes: [.v6]
)
