// Which formats the libraries read and write, found by doing it. That also loads every codec's
// code and tables before the sandbox closes.

internal import CVips
package import Domain
internal import Glibc

package struct Codecs: Sendable {
    package let inputs: [MediaType]
    package let outputs: [MediaType]

    /// Writes a small picture in every format and reads each back, colours and turns included.
    static func warmed() -> Codecs {
        var inputs: [MediaType] = []
        var outputs: [MediaType] = []
        // Once, for it is a quarter of a worker's start and no decoder's matter.
        withoutRoomInFiles { try? exercise() }
        for format in MediaType.outputs {
            guard let file = try? sample(format) else { continue }
            outputs.append(format)
            guard MediaType.inputs.contains(format), (try? read(file, format)) != nil else {
                continue
            }
            // Its missing pixels would pass for grey ones.
            if format == .jpeg, !JPEGWatch.isListening { continue }
            inputs.append(format)
        }
        if (try? read(MemorySample(base64: tinyHEIC), .heic)) != nil { inputs.append(.heic) }
        return Codecs(inputs: inputs, outputs: outputs)
    }

    /// orc, which compiles libvips' loops, keeps them in a file's memory where it can make one grow,
    /// and copies of this process would share that and write over each other's code. Where it cannot,
    /// it takes memory of this process's own.
    private static func withoutRoomInFiles(_ body: () -> Void) {
        var before = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
        guard getrlimit(resource, &before) == 0 else { return body() }
        signal(SIGXFSZ, SIG_IGN)
        var none = before
        none.rlim_cur = 0
        setrlimit(resource, &none)
        body()
        setrlimit(resource, &before)
    }

    private static func picture() throws -> Raster {
        let black = try Operation("black")
        try black.set(["width": 64, "height": 64, "bands": 3])
        return try black.image().applying("copy", ["interpretation": "srgb"]).computed()
    }

    /// Everything that is done to pixels between a decoder and an encoder.
    private static func exercise() throws {
        _ = try picture().resized(to: PixelSize(width: 16, height: 24))
            .applying("icc_transform", ["output_profile": "srgb", "input_profile": "srgb"])
            .inSRGB().computed { _ in }
            .applying("rot", ["angle": "d90"])
            .attractivePart(PixelSize(width: 8, height: 8)).computed()
    }

    private static func sample(_ format: MediaType) throws -> MemorySample {
        let file = try MemorySample()
        let picture = try picture()
        let spec = RenditionSpec(name: "sample", longerSide: 64, format: format)
        try Encoder(spec).encode(
            FrameSequence(picture), to: OutputFile(descriptor: file.descriptor)
        ) { _ in
        }
        return file
    }

    private static func read(_ file: MemorySample, _ format: MediaType) throws {
        let input = InputFile(descriptor: file.descriptor, size: try file.size())
        var bytes = HeaderBytes(input, available: input.size, total: input.size)
        if let gif = try ImageHeader.read(from: &bytes, .whole).gif {
            _ = try FrameSequence(gif, in: input, count: 1) { (screen, _, _) throws(VipsFailure) in
                screen
            }
            return
        }
        _ = try Loader.open(PhotoSource(input), as: format).resized(
            to: PixelSize(width: 16, height: 24)
        )
        .inSRGB().computed()
    }

    /// Black, 64 pixels square: HEIC is read and never written.
    private static let tinyHEIC =
        "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAUJtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABw"
        + "aWN0AAAAAAAAAAAAAAAAAAAAAA5waXRtAAAAAAABAAAAImlsb2MAAAAAREAAAQABAAAAAAFmAAEA"
        + "AAAAAAAAFAAAACNpaW5mAAAAAAABAAAAFWluZmUCAAAAAAEAAGh2YzEAAAAAwmlwcnAAAACkaXBj"
        + "bwAAAHhodmNDAQNwAAAAAAAAAAAAHvAA/P34+AAADwMgAAEAGEABDAH//wNwAAADAJAAAAMAAAMA"
        + "HroCQCEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbqSSmubgQEDAgAAAMACAAAAwAIQCIAAQAH"
        + "RAHBcrAiQAAAABRpc3BlAAAAAAAAAEAAAABAAAAAEHBpeGkAAAAAAwgICAAAABZpcG1hAAAAAAAA"
        + "AAEAAQOBAoMAAAAcbWRhdAAAABAoAa8ZgPcB4E//9HJcYvuA"
}
