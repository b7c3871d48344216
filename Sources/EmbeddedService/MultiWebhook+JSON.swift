import JSON
import Support
import WebhookModel

/// The document that is stored is the one that a reading answers. A change takes it apart at the commas between
/// destinations: to decode and encode all of them costs more than all the rest of a change but the sync.
extension MultiWebhook {
    /// A reading answers this if nothing was ever set.
    static let defaultDocument = #"{"enabled":false,"destinations":[]}"#

    private static let on = #"{"enabled":true,"destinations":["#
    private static let off = #"{"enabled":false,"destinations":["#
    private static let end = "]}"

    /// Takes a stored document apart; nil is one that was never written.
    package init(document: String?) throws(Failure) {
        guard var document else {
            self.init()
            return
        }
        let entries = document.withUTF8 { bytes -> Result<(Bool, [Entry]), Failure> in
            let enabled = bytes.starts(with: Self.on.utf8)
            let begin = enabled ? Self.on.utf8.count : Self.off.utf8.count
            let end = bytes.count - Self.end.utf8.count
            guard enabled || bytes.starts(with: Self.off.utf8), begin <= end, bytes[end...].elementsEqual(Self.end.utf8) else {
                return .failure(.unreadable)
            }
            do throws(Failure) {
                return .success((enabled, try Self.entries(UnsafeBufferPointer(rebasing: bytes[begin..<end]))))
            } catch {
                return .failure(error)
            }
        }
        let taken = try entries.get()
        self.init(enabled: taken.0, entries: taken.1)
    }

    /// `shown` is the text of one destination.
    package func document(_ shown: (Entry) -> String = { $0.text }) -> String {
        var document = enabled ? Self.on : Self.off
        for (index, entry) in entries.enumerated() {
            if index > 0 { document += "," }
            document += shown(entry)
        }
        return document + Self.end
    }

    /// The objects of an array without its brackets.
    private static func entries(_ bytes: UnsafeBufferPointer<UInt8>) throws(Failure) -> [Entry] {
        var ranges: [ClosedRange<Int>] = []
        var begin = 0
        var open = 0
        JSON.forEachBracket(in: UnsafeRawBufferPointer(bytes)) { index, opens, depth in
            open = opens ? depth : depth - 1
            guard depth == 1 else { return }
            if opens { begin = index } else if begin <= index { ranges.append(begin...index) }
        }
        guard open == 0 else { throw .unreadable }
        var entries: [Entry] = []
        for range in ranges { entries.append(try Entry(stored: bytes[range])) }
        return entries
    }
}

extension MultiWebhook.Entry {
    private static let beforeName = #"{"name":""#

    init(_ destination: Destination) throws(Failure) {
        name = destination.name
        text = try destination.json().text()
    }

    fileprivate init(stored bytes: Slice<UnsafeBufferPointer<UInt8>>) throws(Failure) {
        guard bytes.starts(with: Self.beforeName.utf8) else { throw .unreadable }
        text = String(decoding: bytes, as: UTF8.self)
        let name = bytes.dropFirst(Self.beforeName.utf8.count).prefix { $0 != UInt8(ascii: "\"") }
        if name.contains(UInt8(ascii: "\\")) {
            // It may hold an escaped quote.
            self.name = try decoded(text).name
        } else {
            self.name = ExactString(String(decoding: name, as: UTF8.self))
        }
    }

    func destination() throws(Failure) -> Destination { try decoded(text) }
}

private func decoded(_ text: String) throws(Failure) -> Destination {
    let json = try JSON.answer(text)
    guard let shown = try? DestinationReading(json), let name = shown.name, let url = shown.url else { throw .unreadable }
    return Destination(name: name, webhook: Webhook(url: url, headers: shown.headers ?? Headers()))
}

extension Failure {
    /// A document is not one that this service wrote.
    static let unreadable = Failure(
        .storageError, "the database holds a configuration that this library did not write; restore it from a backup")
}
