import Support

extension ExactString {
    /// True if two URLs lead to the same webhook: they are equal after the normalisation of RFC 3986, 6.2.2, and of a default
    /// path. Texts that are no URLs are the same if their bytes are.
    package func isSameURL(as other: ExactString) throws(Failure) -> Bool {
        if self == other { return true }
        if PlainURL.matches(string) && PlainURL.matches(other.string) { return false }
        guard let one = try URLParts(string), let two = try URLParts(other.string) else { return false }
        return one.normalized == two.normalized
    }
}
