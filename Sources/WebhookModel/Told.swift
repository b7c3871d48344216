/// What a call answers, and whether it changed anything: that much can be told where the text finds no memory.
public struct Told: Sendable {
    public let text: String
    public let outcome: Failure.Outcome

    public init(_ text: String, _ outcome: Failure.Outcome = .notApplied) {
        self.text = text
        self.outcome = outcome
    }
}
