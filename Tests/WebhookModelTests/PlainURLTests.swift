import Support
import Testing

@testable import WebhookModel

@Suite struct PlainURLTests {
    /// Pieces of hosts and paths, most of them plain.
    private static let labels =
        ["a", "hooks", "x1", "a-b", "com", "example", "io", "z9z", "org", "dev", "net", "app"]
        + ["0", "127", "xn--a", "-a", "b-", "A", "", "a_b", "ü", "ab--c"]
    private static let segments = [
        "", "crm", "a.b", "~x", "A_9", "waba", "main", "v1", "-", ".", "..", ".a", "%41", "a%2Fb", "a b", "é", "a:b", "a;b",
    ]

    private func random(_ generator: inout SplitMix64) -> String {
        let host = (0..<Int.random(in: 1...4, using: &generator)).map { _ in Self.labels.randomElement(using: &generator) ?? "" }
        let path = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
            "/" + (Self.segments.randomElement(using: &generator) ?? "")
        }
        let scheme = ["https://", "https://", "https://", "http://", "HTTPS://"].randomElement(using: &generator) ?? ""
        return scheme + host.joined(separator: ".") + path.joined()
    }

    @Test func aPlainURLPassesEveryPolicyAndIsInNormalForm() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var generator = SplitMix64(state: seed)
        var plain: [String] = []
        for _ in 0..<20_000 {
            let url = random(&generator)
            guard PlainURL.matches(url) else { continue }
            plain.append(url)
            // A query makes the same URL one that libcurl looks at.
            for policy in [URLPolicy.cloud, .local, .none] {
                try RequestValidator(scope: .embedded, policy: policy).url(url + "?q", at: "")
            }
        }
        #expect(plain.count > 200)
        for (one, other) in zip(plain, plain.dropFirst()) {
            let isSame = try #require(try URLParts(one)).normalized == #require(try URLParts(other)).normalized
            #expect(isSame == (one == other), "\(one) and \(other)")
        }
    }

    @Test(arguments: [
        "https://hooks.example.com", "https://hooks.example.com:8443/", "https://user@hooks.example.com/", "https://127.0.0.1/",
        "https://example/", "https://hooks.example.com./", "https://Hooks.example.com/", "https://hooks.example.com/%41",
        "https://hooks.example.com/a?b", "https://hooks.example.com/a#b", "https://hooks.example.com/a/../b",
        "http://hooks.example.com/", "https:///hooks.example.com/", "https://xn--a.example.com/", "https://hooks.example.c_m/",
    ])
    func otherURLsAreLeftToLibcurl(_ url: String) { #expect(!PlainURL.matches(url)) }
}

/// Repeatable random numbers.
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
