import Support

/// A call's answer, and if it changed anything: that much is said even if the text finds no memory.
package struct CallResult: Sendable {
    package let text: String
    package let outcome: Failure.Outcome

    package init(_ text: String, _ outcome: Failure.Outcome = .notApplied) {
        self.text = text
        self.outcome = outcome
    }
}
