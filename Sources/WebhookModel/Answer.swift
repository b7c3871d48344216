/// What a write answers where it is not the caller's own words: the vendor's texts.
public enum Answer {
    public static let operationStarted = #"{"message":"Operation started successfully"}"#
    public static let destinationDeleted = #"{"message":"Destination deleted successfully"}"#

    public static func webhookWillBeSet(wabaID: Int64) -> String { #"{"message":"Webhook will be set for waba_id: \#(wabaID)"}"# }
}
