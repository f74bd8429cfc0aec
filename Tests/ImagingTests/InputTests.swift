// A file that cannot be read, or changes while it is, is nobody's damaged photograph.

import Domain
import Glibc
import Testing

@testable import Imaging

extension DarkroomTests {
    @Suite struct InputTests {
        private static func lastWord(_ descriptor: Int32, _ spoil: () -> Void = {}) throws
            -> RenderReport?
        {
            let processor = try ImageProcessor()
            let output = try MemorySample()
            let recipe = Recipe.exact(2000)
            var last: RenderReport?
            withoutActuallyEscaping(spoil) { spoil in
                processor.answer(
                    .process(recipe: recipe, wanted: ["only"], limits: ImageLimits()),
                    input: descriptor, output: output.descriptor
                ) { report in
                    if case .progress(let progress) = report, progress.stage == .decode { spoil() }
                    last = report
                }
            }
            return last
        }

        @Test func aFileThatCannotBeReadIsNotDamaged() throws {
            let directory = open("/", O_RDONLY | O_DIRECTORY)
            defer { close(directory) }
            for descriptor in [-1, directory] {
                #expect(
                    try Self.lastWord(descriptor)
                        == .failed(Problem(.internal, "The file cannot be read.")))
            }
        }

        @Test(arguments: ["jpegsave_target", "pngsave_target", "webpsave_target"])
        func aFileCutWhileItIsReadIsNotDamaged(_ encoder: String) throws {
            let file = try MemorySample(Picture.noise(1200, 900).file(encoder))
            let word = try Self.lastWord(file.descriptor) { ftruncate(file.descriptor, 5000) }
            #expect(
                word == .failed(Problem(.internal, "The file changed while it was read.")))
        }

        @Test func aFileCutBeforeItIsReadIsDamaged() throws {
            let bytes = try Picture.noise(1200, 900).file("jpegsave_target")
            #expect(try Developed(Array(bytes.prefix(5000))).refusal == .damaged)
        }

        // MARK: Memory

        @Test func refusesWhatWouldNeedMoreMemoryThanAWorkerHas() throws {
            var limits = ImageLimits()
            limits.memory = 10_000_000
            let picture = Picture.noise(1000, 1000)
            let file = try picture.file("jpegsave_target", ["interlace": true])
            let developed = try Developed(file, limits: limits)
            guard case .refused(let problem) = developed.lastWord else {
                Issue.record("\(String(describing: developed.lastWord))")
                return
            }
            #expect(problem.code == .tooManyPixels)
            #expect(problem.actual == 1_000_000)
            #expect(problem.limit.map { (1..<1_000_000).contains($0) } == true)
            #expect(problem.detail.contains("MB"))
            #expect(developed.renditions.isEmpty)
        }

        @Test func everythingWithinTheLimitsFitsTheNamedRecipes() {
            let limits = ImageLimits()
            for recipe in Recipe.named.values {
                for (type, pixels, interlaced) in [
                    (MediaType.jpeg, limits.baselinePixels, false),
                    (.jpeg, limits.interlacedPixels, true), (.png, limits.pixels, false),
                    (.png, limits.interlacedPixels, true), (.webp, limits.pixels, false),
                    (.avif, limits.pixels, false), (.heic, limits.pixels, false),
                ] {
                    let side = Int(Double(pixels).squareRoot())
                    let header = ImageHeader(
                        mediaType: type, width: side, height: side, frames: 1,
                        isInterlaced: interlaced)
                    let file = CheckedFile(
                        input: InputFile(descriptor: -1, size: 20_000_000), header: header,
                        orientation: 6)
                    let plan = RenderPlan(file, recipe.renditions)
                    let forecast = MemoryForecast(plan, for: file)
                    #expect(
                        forecast.bytes <= limits.memory,
                        "\(recipe.name), \(type.rawValue): \(forecast.bytes)")
                }
            }
        }
    }
}
