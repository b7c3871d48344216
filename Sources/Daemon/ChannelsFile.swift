import EmbeddedService
import JSON
import Support

/// The file of `--channels`.
enum ChannelsFile {
    /// Bytes: some 500,000 channels.
    private static let maximumBytes = 64 * 1_048_576

    /// Reads and validates the whole file.
    static func read(_ path: String, _ arguments: Arguments) throws(Failure) -> InitialState {
        let file = try TextFile(path, most: maximumBytes)
        let json = try JSON(request: file.text, named: path, limit: maximumBytes)
        do throws(Failure) {
            return try InitialState(json, options: arguments.options, policy: arguments.policy)
        } catch {
            throw error.with { $0.message = "\(path): \($0.path ?? ""): \($0.message)" }
        }
    }
}
