import Support
import Testing
import WebhookModel

@Suite struct RedactionTests {
    @Test(arguments: [
        ("https://hooks.example.com/main", "https://hooks.example.com/main"),
        ("https://hooks.example.com/main?token=secret", "https://hooks.example.com/main"),
        ("https://hooks.example.com/main#secret", "https://hooks.example.com/main"),
        ("https://hooks.example.com?secret#secret", "https://hooks.example.com"),
        ("https://user:secret@hooks.example.com:8443/main", "https://hooks.example.com:8443/main"),
        ("https://secret@hooks.example.com", "https://hooks.example.com"),
        ("https://a@secret@hooks.example.com/", "https://hooks.example.com/"),
        ("https://hooks.example.com/a@b", "https://hooks.example.com/a@b"),
        ("https://hooks.example.com/main?next=https://secret@other/", "https://hooks.example.com/main"),
        ("?secret=https://x", ""), ("#://secret", ""), ("://", "://"), ("", ""), ("https://", "https://"),
        ("https://user:secret@", "https://"), ("hooks.example.com/main?secret", "hooks.example.com/main"),
        ("https://secret@m\u{FC}ller.example/\u{1F4DE}?secret", "https://m\u{FC}ller.example/\u{1F4DE}"),
    ])
    func aURLLosesUserinfoQueryAndFragment(_ url: String, _ redacted: String) { #expect(Redaction.url(url) == redacted) }

    /// However broken the text is: none of these is a URL, and all of them could be meant as one.
    @Test(arguments: [
        "https:/user:secret@hooks.example.com/", "https:user:secret@hooks.example.com/", "user:secret@hooks.example.com/main",
        "//user:secret@hooks.example.com/main", "https:\\\\user:secret@hooks.example.com", "user:secret@hooks.example.com?x=://",
    ])
    func aBrokenURLLosesThemToo(_ url: String) { #expect(!Redaction.url(url).contains("secret")) }

    @Test func aTextThatRepeatsASecretIsWithheld() {
        #expect(Redaction.redacted("key abcdef123 of abcdef123.", without: ["abcdef123"]) == Redaction.withheld)
        #expect(Redaction.redacted("xABCDEF123y", without: ["abcdef123"]) == Redaction.withheld)
    }

    @Test func aTextThatRepeatsAPartOfASecretIsWithheld() {
        #expect(Redaction.redacted("the key live_8f2b… is wrong", without: ["live_8f2bA0c4-secret-key"]) == Redaction.withheld)
    }

    @Test func aShortSecretIsOnlyAWordOfItsOwn() {
        #expect(Redaction.redacted("11 of 12", without: ["1"]) == "11 of 12")
        #expect(Redaction.redacted("1 of 12", without: ["1"]) == Redaction.withheld)
        #expect(Redaction.redacted("abcdef", without: ["abcde"]) == "abcdef")
    }

    @Test func anEmptySecretWithholdsNothing() { #expect(Redaction.redacted("as it is", without: [""]) == "as it is") }

    @Test(arguments: [
        #"Bearer v\u00e4lue\/\"quoted\""#, #"Bearer v\\u00e4lue\\/\\\"quoted\\\""#, "Bearer%20v%C3%A4lue%2F%22quoted%22",
        "Bearer v&#228;lue/&quot;quoted&quot;", "BEARER V&#xE4;LUE&#x2F;QUOTED", "QmVhcmVyIHbDpGx1ZS8icXVvdGVkIg==",
        "a:Basic eDpCZWFyZXIgdsOkbHVlLyJxdW90ZWQi", "4265617265722076c3a46c75652f2271756f74656422",
        "0x4265617265722076C3A46C75652F22", "cafe 42:65:61:72:65:72:20:76:c3:a4", #"\x42\x65\x61\x72\x65\x72\x20\x76\xc3\xa4"#,
        "Bearer v&#0000000228;lue", "B&#101&#97&#114&#101&#114 v&#228", "=42=65=61=72=65=72=20=76=C3=A4",
    ])
    func aSecretIsFoundInAnyEncoding(_ words: String) {
        #expect(Redaction.redacted("sent \(words).", without: ["Bearer v\u{E4}lue/\"quoted\""]) == Redaction.withheld)
    }

    @Test(arguments: [
        "cannot reach https://user:secret@h.example/p", "see https://h.example/p?secret=1", "https://h.example/#secret",
        #"see https:\/\/h.example\/a?token=secret now"#, #"{\"url\": \"https:\\/\\/h.example\\/a?secret\"}"#,
        "https%3A%2F%2Fh.example%2Fa%3Fsecret", "https:&#x2F;&#47;u:secret&commat;h.example/?x", "https://user:sec ret@h.example",
    ])
    func aTextWithAURLThatHasMoreThanAPathIsWithheld(_ words: String) {
        #expect(Redaction.redacted(words, without: []) == Redaction.withheld)
    }

    @Test func aPlainURLStays() {
        let words = "cannot reach https://h.example/p, url must begin with https://"
        #expect(Redaction.redacted(words, without: ["other-secret"]) == words)
    }

    @Test func wordsWithoutSecretsStayAsTheyAreButOnOneLine() {
        let words = "destination name 'e\u{301}' is taken\r\n\tline two: 100% \u{1F44D}"
        let line = "destination name 'e\u{301}' is taken   line two: 100% \u{1F44D}"
        #expect(ExactString(Redaction.redacted(words, without: ["other"])) == ExactString(line))
    }

    @Test func headersAndKeysPrintNoValue() throws {
        var headers = Headers()
        headers.fields = [Headers.Field("Authorization", "secret"), Headers.Field("X-Two", "secret")]
        #expect("\(headers)" == "Authorization: ***, X-Two: ***")
        #expect(String(reflecting: headers) == "Authorization: ***, X-Two: ***")
        let key = try APIKey("secret")
        #expect("\(key) \(String(reflecting: key))" == "*** ***")
    }

    /// A value inside another type is printed by reflection, which asks the description of what it meets.
    @Test func aWebhookPrintsNoHeaderValue() {
        var webhook = Webhook(url: "https://hooks.example.com/")
        webhook.headers.fields = [Headers.Field("Authorization", "secret")]
        #expect(!"\(webhook)".contains("secret"))
        #expect(!"\(Destination(name: "crm", webhook: webhook))".contains("secret"))
    }

    @Test func noPartOfASecretIsShownWhereTheTextIsCut() {
        for length in 80...100 {
            let words = String(repeating: "x", count: length) + " secret-key"
            #expect(!Redaction.redacted(words, without: ["secret-key"], most: 95).contains("secret-key"))
        }
        let long = String(repeating: "x", count: 20_000)
        #expect(Redaction.redacted(long, without: ["secret-key"], most: 95).unicodeScalars.count == 95)
    }
}
