import Support
import Testing

@Test(arguments: [
    ("https://user:secret@h.example.com/x?token=1#f", "https://h.example.com/x"),
    ("https://user:pa/ss@h.example.com/x", "https://h.example.com/x"),
    ("https://user:pa?ss@h.example.com/x", "https://h.example.com/x"),
    ("https://h.example.com/@user", "https://h.example.com/@user"),
    ("https://h.example.com:8443/mail?to=a@b", "https://h.example.com:8443/mail"),
])
func aRedactedURLHasNoUserinfoQueryOrFragment(_ url: String, _ redacted: String) {
    #expect(URLText(url).redacted == redacted)
}
