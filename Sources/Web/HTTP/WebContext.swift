// What a request carries beside itself.

import Domain
import Hummingbird
import NIOCore

struct WebContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The connection, so that an upload can widen its receive buffers.
    let channel: any Channel

    init(source: Source) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// The address at the other end of the connection: a proxy's, where there is one.
    var peer: String? { channel.remoteAddress?.ipAddress }

    /// The path's `{name}` as an identifier. What has not even the form of one names nothing.
    func identifier<Entity>(
        _ name: String, or missing: Problem.Code, of entity: Entity.Type = Entity.self
    ) throws(Problem) -> Identifier<Entity> {
        guard let id = parameters.get(name).flatMap({ Identifier<Entity>($0) }) else {
            throw Problem(missing)
        }
        return id
    }
}
