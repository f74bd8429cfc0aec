// An answer can get lost, and then the request comes again. Under a key it is the same request, and
// what it made is made once.

/// What a client calls a request that makes something, or that cannot be done twice. It is unique
/// in its batch; for a request that makes a batch, in all that the owner has asked.
package struct RequestKey: Sendable, Hashable {
    /// Seconds for which a request is known after its end, or after that of the upload it made.
    package static let memory = 86_400.0

    package let word: String
    /// Which of the things that one request makes: the files of a form, from 0.
    package let place: Int
    /// A digest of what was asked: with another one it is another request.
    package let request: String

    package init(word: String, place: Int = 0, request: String) {
        self.word = word
        self.place = place
        self.request = request
    }
}

/// What a request came to.
package struct Made<Thing: Sendable>: Sendable {
    package let thing: Thing
    /// False where the same request has made it before.
    package let isNew: Bool

    package init(_ thing: Thing, isNew: Bool) {
        self.thing = thing
        self.isNew = isNew
    }
}
