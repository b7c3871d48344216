import Support

/// What a call answers, and whether it changed anything: that much can be told where the text finds no memory.
package struct CallResult: Sendable {
    package let text: String
    package let outcome: Failure.Outcome

    package init(_ text: String, _ outcome: Failure.Outcome = .notApplied) {
        self.text = text
        self.outcome = outcome
    }
}
