import JSON
import Support
import Testing
import WebhookModel

private func refusal(_ text: String, derivedFrom parent: CallSettings? = nil) -> Failure? {
    do throws(Failure) {
        _ = try ClientOptions(text, derivedFrom: parent)
        return nil
    } catch {
        return error
    }
}

@Suite struct OptionsTests {
    @Test func nothingGivenIsTheDefaults() throws {
        for options in [try ClientOptions(nil), try ClientOptions("{}")] {
            #expect(options.settings == CallSettings())
            #expect(options.remote == RemoteOptions())
            #expect(options.embedded == EmbeddedOptions())
        }
        #expect(
            CallSettings().timeout == .seconds(30) && CallSettings().connectTimeout == .seconds(10)
                && CallSettings().maxAttempts == 4)
        #expect(CallSettings().maxResponseBytes == 1_048_576 && CallSettings().urlPolicy == .cloud)
        #expect(
            EmbeddedOptions().maxDestinations == 3 && EmbeddedOptions().applyDelay == .zero
                && EmbeddedOptions().multiApplyDelay == .zero && EmbeddedOptions().answers == .specification)
    }

    @Test func everyOptionIsTaken() throws {
        let options = try ClientOptions(
            """
            {"timeout_ms": 1, "connect_timeout_ms": 2, "max_attempts": 3, "max_response_bytes": 4, "url_policy": "local",
             "ca_file": "/ca.pem", "proxy": "http://proxy:1", "user_agent": "mine/1", "allow_insecure_http": true,
             "max_destinations": 5, "apply_delay_ms": 6, "multi_apply_delay_ms": 7, "answers": "not_found"}
            """)
        var settings = CallSettings()
        settings.timeout = .milliseconds(1)
        settings.connectTimeout = .milliseconds(2)
        settings.maxAttempts = 3
        settings.maxResponseBytes = 4
        settings.urlPolicy = .local
        #expect(options.settings == settings)
        var remote = RemoteOptions()
        remote.caFile = "/ca.pem"
        remote.proxy = "http://proxy:1"
        remote.userAgent = "mine/1"
        remote.allowInsecureHTTP = true
        #expect(options.remote == remote)
        var embedded = EmbeddedOptions()
        embedded.maxDestinations = 5
        embedded.applyDelay = .milliseconds(6)
        embedded.multiApplyDelay = .milliseconds(7)
        embedded.answers = .notFound
        #expect(options.embedded == embedded)
    }

    @Test func aDerivedClientKeepsWhatIsLeftOut() throws {
        var parent = CallSettings()
        parent.maxAttempts = 1
        parent.timeout = .milliseconds(5)
        let options = try ClientOptions("{\"timeout_ms\": 9}", derivedFrom: parent)
        #expect(options.settings.maxAttempts == 1)
        #expect(options.settings.timeout == .milliseconds(9))
        #expect(try ClientOptions(nil, derivedFrom: parent).settings == parent)
    }

    @Test(arguments: [
        "ca_file": "\"/ca.pem\"", "proxy": "\"p\"", "user_agent": "\"u\"", "allow_insecure_http": "true", "max_destinations": "3",
        "apply_delay_ms": "0", "multi_apply_delay_ms": "0", "answers": "\"observed\"",
    ])
    func aDerivedClientCannotSetWhatIsTheServices(_ name: String, _ value: String) {
        let failure = refusal("{\"\(name)\": \(value)}", derivedFrom: CallSettings())
        #expect(failure?.status == .invalidArgument)
        #expect(failure?.path == "/\(name)")
    }

    @Test(arguments: [
        "timeout_ms", "connect_timeout_ms", "max_attempts", "max_response_bytes", "url_policy", "ca_file", "proxy", "user_agent",
        "allow_insecure_http", "max_destinations", "apply_delay_ms", "multi_apply_delay_ms", "answers", "nonsense", "a/b",
    ])
    func nullIsNoValueOfAnyOption(_ name: String) {
        let failure = refusal("{\"\(name)\": null}")
        #expect(failure?.status == .invalidArgument)
        #expect(failure?.path == JSONPointer.path("", name))
        #expect(failure?.message.contains("'\(name)'") == true)
    }

    @Test(arguments: ["1.0", "\"1\"", "true", "[1]", "{}", "-1"])
    func aNumberOfTheWrongTypeIsRefused(_ value: String) {
        for name in ["timeout_ms", "max_destinations", "apply_delay_ms"] {
            #expect(refusal("{\"\(name)\": \(value)}")?.path == "/\(name)")
        }
    }

    @Test(arguments: [
        ("timeout_ms", 1, 86_400_000), ("connect_timeout_ms", 1, 86_400_000), ("max_attempts", 1, 100),
        ("max_response_bytes", 1, 1_073_741_824), ("max_destinations", 1, 1_000), ("apply_delay_ms", 0, 86_400_000),
        ("multi_apply_delay_ms", 0, 86_400_000),
    ])
    func rangesHoldTheirEndsAndNoMore(_ name: String, _ lowest: Int, _ highest: Int) {
        #expect(refusal("{\"\(name)\": \(lowest)}") == nil)
        #expect(refusal("{\"\(name)\": \(highest)}") == nil)
        #expect(refusal("{\"\(name)\": \(lowest - 1)}")?.status == .invalidArgument)
        #expect(refusal("{\"\(name)\": \(highest + 1)}")?.path == "/\(name)")
    }

    @Test(arguments: ["null", "[]", "1", "\"x\"", "true"])
    func optionsThatAreNoObjectAreTheCallersArgument(_ text: String) {
        #expect(refusal(text)?.status == .invalidArgument)
        #expect(refusal(text)?.path == "")
    }

    @Test func optionsThatAreNoJSONAreMalformed() {
        #expect(refusal("{")?.status == .malformedJSON)
        #expect(refusal("{\"timeout_ms\":1,\"timeout_ms\":1}")?.status == .malformedJSON)
    }

    @Test func optionsOverTheLimitAreTheCallersArgument() {
        let text = "{}" + String(repeating: " ", count: JSON.maximumBytes - 1)
        #expect(refusal(text)?.status == .invalidArgument)
        #expect(refusal(String(text.dropLast())) == nil)
    }

    @Test func aNumberBeyond64BitsIsTheCallersArgument() {
        #expect(refusal("{\"timeout_ms\": 9223372036854775808}")?.status == .invalidArgument)
    }

    @Test(arguments: ["", "a\\nb", "a\\u0085"])
    func textsAreNeitherEmptyNorHoldControlCharacters(_ text: String) {
        // An empty proxy is none at all, as libcurl takes it.
        for name in ["ca_file", "proxy", "user_agent"] where name != "proxy" || !text.isEmpty {
            #expect(refusal("{\"\(name)\": \"\(text)\"}")?.path == "/\(name)")
        }
    }

    @Test(arguments: ["\"Cloud\"", "\"\"", "\"strict\"", "1"])
    func anUnknownPolicyIsRefused(_ value: String) { #expect(refusal("{\"url_policy\": \(value)}")?.path == "/url_policy") }
}
