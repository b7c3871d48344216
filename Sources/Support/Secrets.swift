/// Texts that no message may repeat.
package struct Secrets: Sendable, ExpressibleByArrayLiteral {
    package var texts: [String]
    package var others: SecretIndex?

    package init(_ texts: [String] = [], others: SecretIndex? = nil) {
        self.texts = texts
        self.others = others
    }

    package init(arrayLiteral texts: String...) { self.init(texts) }

    package static func + (texts: [String], secrets: Secrets) -> Secrets {
        Secrets(texts + secrets.texts, others: secrets.others)
    }
}

/// Secrets that are too many to be looked for one by one: those of all accounts of a document. Of each one, runs of eight letters
/// and digits are known, from its beginning on, and its last; shorter secrets are not looked for. They are collected when a text
/// is looked at for the first time.
package final class SecretIndex: Sendable {
    /// Hands over one secret; false ends the collection.
    package typealias Collector = (String) -> Bool

    private let collect: @Sendable (Collector) -> Void
    private let call: Call
    private let known = Locked<Set<UInt64>?>(nil)

    /// `collect` hands over every secret. A cancel of `call` ends that.
    package init(_ call: Call, collect: @escaping @Sendable (Collector) -> Void) {
        self.call = call
        self.collect = collect
    }

    /// True if one of these has a part of a secret, or if that is not known.
    func isRepeated(in skeletons: [[UInt8]]) -> Bool {
        guard let runs = runs() else { return true }
        return skeletons.contains { skeleton in
            Self.starts(skeleton, by: 1).contains { runs.contains(Self.letters(skeleton, $0)) }
        }
    }

    /// Nil if the call was cancelled.
    private func runs() -> Set<UInt64>? {
        known.withLock { known in
            if let known { return known }
            var runs: Set<UInt64> = []
            var isWhole = true
            collect { secret in
                isWhole = !call.isCancelled
                let skeleton = Redaction.skeleton(Array(secret.utf8))
                for start in Self.starts(skeleton, by: Redaction.commonRun) { runs.insert(Self.letters(skeleton, start)) }
                if skeleton.count >= Redaction.commonRun {
                    runs.insert(Self.letters(skeleton, skeleton.count - Redaction.commonRun))
                }
                return isWhole
            }
            if isWhole { known = runs }
            return known
        }
    }

    private static func starts(_ skeleton: [UInt8], by step: Int) -> StrideTo<Int> {
        stride(from: 0, to: skeleton.count - Redaction.commonRun + 1, by: step)
    }

    private static func letters(_ skeleton: [UInt8], _ start: Int) -> UInt64 {
        skeleton[start..<(start + Redaction.commonRun)].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
