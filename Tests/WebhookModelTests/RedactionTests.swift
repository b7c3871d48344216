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

    @Test func wordsLoseSecretsWhereverTheyStand() {
        #expect(Redaction.words("key abcdef123 of abcdef123.", without: ["abcdef123"]) == "key *** of ***.")
        #expect(Redaction.words("xabcdef123y", without: ["abcdef123"]) == "x***y")
    }

    @Test func aShortSecretIsTakenOutOnlyWhereItStandsAlone() {
        #expect(Redaction.words("11 of 1, maximum 1", without: ["1"]) == "11 of ***, maximum ***")
        #expect(Redaction.words("1", without: ["1"]) == "***")
        #expect(Redaction.words("abcde abcdef", without: ["abcde"]) == "*** abcdef")
    }

    @Test func ofTwoSecretsTheLongerGoesFirst() {
        #expect(Redaction.words("token-and-more", without: ["token-", "token-and-more"]) == "***")
    }

    @Test func anEmptySecretTakesNothingOut() { #expect(Redaction.words("as it is", without: [""]) == "as it is") }

    @Test func wordsLoseWhatURLsLose() {
        let words = "cannot reach 'https://user:secret@h.example/p?secret=1' (see <http://h.example/?secret>) \u{2014} caf\u{E9}"
        #expect(
            Redaction.words(words, without: [])
                == "cannot reach 'https://h.example/p' (see <http://h.example/>) \u{2014} caf\u{E9}")
    }

    @Test func wordsWithoutSecretsStayAsTheyAreButOnOneLine() {
        let words = "destination name 'e\u{301}' is taken\r\n\tline two: 100% \u{1F44D}"
        let line = "destination name 'e\u{301}' is taken   line two: 100% \u{1F44D}"
        #expect(ExactString(Redaction.words(words, without: ["other"])) == ExactString(line))
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

    @Test(arguments: [
        #"see https:\/\/h.example\/a?token=secret now"#, #"{\"url\": \"https:\\/\\/h.example\\/a?secret\"}"#,
        "https://h.example/a?t=f(secret)", "https://u:p'secret@h.example/a",
    ])
    func aURLLosesWhatItLosesHoweverItIsWritten(_ words: String) {
        #expect(!Redaction.words(words, without: []).contains("secret"))
    }

    @Test func aSecretIsFoundBehindTheEscapesOfJSON() {
        let words = #"sent {"Authorization": "Bearer v\u00e4lue/\"quoted\""}"#
        #expect(!Redaction.words(words, without: ["Bearer v\u{E4}lue/\"quoted\""]).contains("quoted"))
    }

    @Test func noPartOfASecretIsLeftWhereTheTextIsCut() {
        for length in 80...100 {
            let words = String(repeating: "x", count: length) + " secret-key"
            #expect(!Redaction.words(words, without: ["secret-key"], most: 95).contains("secret"))
        }
    }
}
