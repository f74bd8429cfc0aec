// How a message becomes bytes: JSON, one message a packet, with a bound. The packet socket keeps
// the boundaries, so there is no length prefix to lie about.

internal import FoundationEssentials

package enum Frame {
    /// The largest message either side sends or takes, in bytes. A request with fifty renditions
    /// needs about 5,000.
    package static let maximumSize = 65_536

    package static func encode(_ message: some Encodable) throws(LinkError) -> [UInt8] {
        let bytes: [UInt8]
        do {
            bytes = Array(try JSONEncoder().encode(message))
        } catch {
            throw .undecodable(expected: "\(type(of: message))")
        }
        guard bytes.count <= maximumSize else { throw .tooLarge }
        return bytes
    }

    package static func decode<Message: Decodable>(
        _ type: Message.Type, from bytes: some Collection<UInt8>
    ) throws(LinkError) -> Message {
        guard bytes.count <= maximumSize else { throw .tooLarge }
        do {
            return try JSONDecoder().decode(Message.self, from: Data(bytes))
        } catch {
            throw .undecodable(expected: "\(Message.self)")
        }
    }
}
