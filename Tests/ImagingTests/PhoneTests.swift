// What phones send: more than a photograph in one file.

import Domain
import Foundation
import Testing

@testable import Imaging

extension DarkroomTests {
    @Suite struct PhoneTests {
        @Test func developsTheFirstPictureOfABurst() throws {
            let developed = try Developed(Self.burst, .exact(64))
            #expect(developed.lastWord == .done)
            #expect(developed.facts?.frames == 1)
            expectClose(try developed.picture("only")[32, 24], [200, 30, 30], within: 8)
        }

        @Test func theOtherPicturesOfABurstCountForNoLimit() throws {
            var limits = ImageLimits.everything
            limits.frames = 2
            limits.animationPixels = 64 * 48
            #expect(try Developed(Self.burst, .exact(64), limits: limits).lastWord == .done)
        }

        /// Behind the picture a camera leaves the film of a motion photo, in a box or in none.
        @Test(arguments: [
            [0, 0, 0, 12] + Array("mpvdfilm".utf8), [0, 0, 1, 0] + Array("mpvdcut short".utf8),
            Array("a trailer in no box".utf8), [0],
        ])
        func developsAMotionPhoto(_ sequence: [UInt8]) throws {
            #expect(try Developed(Self.burst + sequence, .exact(64)).lastWord == .done)
        }

        @Test(arguments: [1, 10, 60]) func refusesAPictureWhoseOwnDataIsCut(_ missing: Int) throws {
            #expect(
                try Developed(Array(Self.burst.dropLast(missing)), .exact(64)).refusal == .damaged)
        }

        /// A HEIC of three pictures of 64 by 48 pixels: red, green and blue.
        private static let burst = [UInt8](Data(base64Encoded: burstInBase64) ?? Data())
        private static let burstInBase64 = """
            AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAdttZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAA\
            AAAAAAAAAAAAAEZpbG9jAAAAAERAAAMAAQAAAAAB/wABAAAAAAAAABkAAgAAAAACGAABAAAAAAAAABgAAwAAAAAC\
            MAABAAAAAAAAABkAAABNaWluZgAAAAAAAwAAABVpbmZlAgAAAAABAABodmMxAAAAABVpbmZlAgAAAAACAABodmMx\
            AAAAABVpbmZlAgAAAAADAABodmMxAAAAAA5waXRtAAAAAAABAAABDWlwcnAAAADdaXBjbwAAAHZodmNDAQNwAAAA\
            kAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAA\
            AwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUA\
            AAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAAAwgI\
            CAAAAChpcG1hAAAAAAAAAAMAAQWBAgMFhAACBYECAwWEAAMFgQIDBYQAAABSbWRhdAAAABUoAa8LYPXlg6//8sr3\
            6iiDoVdP9Q4AAAAUKAGvC2D15YOvugN/Ugj+VM0/1DgAAAAVKAGvC2D15YOv//h6tb49qPV1T/UO
            """
    }
}
