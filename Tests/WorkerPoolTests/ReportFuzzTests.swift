// What a worker says, with every member made negative, huge, no number, missing, twice there or of
// another kind: the host takes it or refuses it, and lives. REVELA_TEST_ROUNDS sets how many
// conversations, REVELA_TEST_SEED where to begin.

import Domain
import Foundation
import TestSupport
import Testing
import WorkerLink

@testable import Jobs

/// JSON whose objects can have a member twice.
private indirect enum Tree {
    case leaf(String)
    case array([Tree])
    case object([(name: String, value: Tree)])

    init(_ json: JSON) {
        switch json {
        case .object(let members):
            self = .object(members.sorted { $0.key < $1.key }.map { ($0.key, Tree($0.value)) })
        case .array(let elements): self = .array(elements.map(Tree.init))
        default: self = .leaf(json.text)
        }
    }

    var text: String {
        switch self {
        case .leaf(let text): text
        case .array(let elements): "[" + elements.map(\.text).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { "\"\($0.name)\":\($0.value.text)" }.joined(separator: ",") + "}"
        }
    }

    private static let strange = [
        "-1", "0", "1", "64", "65", "2147483648", "-9223372036854775808", "9223372036854775807",
        "9223372036854775808", "18446744073709551616", "1e19", "1e308", "-1e308", "1e400", "NaN",
        "Infinity", "0.5", "-0.0", "1e-320", "null", "true", "\"\"", "\"-1\"", "\"\\u0000\"",
        "[]", "{}", "[-1]", "{\"_0\":-1}",
    ]

    /// One member or element changed, somewhere.
    func changed(_ dice: inout Dice) -> Tree {
        switch self {
        case .object(var members) where !members.isEmpty && !dice.next().isMultiple(of: 12):
            let index = Int(dice.next() % UInt64(members.count))
            switch dice.next() % 8 {
            case 0: members.remove(at: index)
            case 1: members.append((members[index].name, members[index].value.changed(&dice)))
            case 2: members.insert((members[index].name, .strange(&dice)), at: 0)
            default: members[index].value = members[index].value.changed(&dice)
            }
            return .object(members)
        case .array(var elements) where !elements.isEmpty && dice.next().isMultiple(of: 2):
            let index = Int(dice.next() % UInt64(elements.count))
            elements[index] = elements[index].changed(&dice)
            return .array(elements)
        default: return .strange(&dice)
        }
    }

    private static func strange(_ dice: inout Dice) -> Tree {
        .leaf(strange[Int(dice.next() % UInt64(strange.count))])
    }
}

@Suite struct ReportFuzzTests {
    private static let rounds = chosenRounds(usually: 2_000)
    private static let seed = chosenSeed(usually: 12)

    private static let wanted = ["thumb", "film"]
    private static let recipe = Recipe(
        name: "fuzz",
        renditions: [
            RenditionSpec(name: "thumb", width: 64, height: 64),
            RenditionSpec(
                name: "film", width: 16_383, height: 16_383, format: .avif, enlarge: true),
        ])
    private static let problem = Problem(.damaged, "It is cut short.", limit: 3, actual: 2)

    private static let honest: [RenderReport] = [
        .progress(Progress(step: 0, steps: 3, stage: .check)),
        .accepted(
            ImageFacts(
                mediaType: .gif, width: 640, height: 480, frames: 200, placeholder: "AAgCBw==",
                color: RGB("#102030"))),
        .progress(Progress(step: 1, steps: 3, stage: .encode, rendition: "thumb", fraction: 0.25)),
        .rendition(name: "thumb", width: 64, height: 48, mediaType: .webp, bytes: 4),
        .progress(
            Progress(step: 2, steps: 3, stage: .encode, rendition: "film", silentPixels: 307_200)),
        .rendition(name: "film", width: 640, height: 480, mediaType: .avif, bytes: 4),
        .done,
    ]
    private static let others: [RenderReport] = [
        .refused(problem), .failed(Problem(.internal)), .sniffed(.refuse(problem)),
        .sniffed(.fits), .sniffed(.undecided),
    ]

    @Test(.timeLimit(.minutes(rounds > 2_000 ? 120 : 5)))
    func noReportEndsTheHost() throws {
        print("REVELA_TEST_SEED=\(Self.seed) REVELA_TEST_ROUNDS=\(Self.rounds)")
        var dice = Dice(seed: Self.seed)
        let honest = try Self.honest.map { Tree(try JSON(encoding: WorkerMessage.report($0))) }
        let others = try Self.others.map { Tree(try JSON(encoding: WorkerMessage.report($0))) }
        let host = try Host(Self.recipe, wanted: Self.wanted)
        var (taken, refused) = (0, 0)
        for _ in 0..<Self.rounds {
            var conversation = try host.conversation()
            for (index, message) in (honest + [others[Int(dice.next() % 5)]]).enumerated() {
                let isStrange = dice.next().isMultiple(of: 3)
                var said = isStrange ? message.changed(&dice) : message
                if isStrange, dice.next().isMultiple(of: 4) { said = said.changed(&dice) }
                do {
                    try conversation.hear(said.text)
                    taken += 1
                } catch {
                    refused += 1
                    if index > 0, !dice.next().isMultiple(of: 3) { break }
                }
            }
        }
        print("\(taken) reports were taken, \(refused) refused")
        #expect(taken > Self.rounds && refused > Self.rounds / 4)
    }
}

/// What the server does with a report, without a process at the other end.
private struct Host {
    private let job: Job
    private let wanted: [String]

    init(_ recipe: Recipe, wanted: [String]) throws {
        self.wanted = wanted
        job = Job(
            image: Image(id: .random(), batch: .random()), owner: Owner(id: "owner"),
            recipe: recipe, original: Blob(sha256: "", size: 1), attempt: 1, lane: .slow)
    }

    func conversation() throws -> Conversation {
        try Conversation(
            job: job,
            validator: ReportValidator(
                .process(recipe: job.recipe, wanted: wanted, limits: ImageLimits())),
            pass: JobPass(job, making: wanted))
    }

    struct Conversation {
        let job: Job
        var validator: ReportValidator
        let pass: JobPass
        var times = EncodeTimes()

        mutating func hear(_ text: String) throws {
            let message = try Frame.decode(WorkerMessage.self, from: Array(text.utf8))
            guard case .report(let report) = message else { return }
            try validator.admit(report)
            switch report {
            case .accepted(let facts):
                #expect((1...65_500).contains(facts.width) && (1...65_500).contains(facts.height))
            case .progress(let progress):
                let placed = pass.placed(progress)
                #expect(placed.step >= 0 && placed.step <= placed.steps && placed.steps <= 256)
                var expected: Int?
                if let silent = pass.silentEncode(progress) {
                    expected = times.expected(silent.format, pixels: silent.pixels)
                        .flatMap { Int(exactly: $0.rounded()) }
                }
                let live = Live(placed, attempt: job.attempt, expectedMs: expected)
                _ = try JSON(encoding: live).text
            case .rendition(let name, let width, let height, _, let bytes):
                #expect(width > 0 && height > 0)
                // Nothing was written, so nothing was delivered.
                #expect(try !pass.output.take(bytes))
                if let (encode, _) = pass.ended(name) {
                    _ = times.learn(encode.format, pixels: encode.pixels, milliseconds: 7)
                }
            case .refused(let problem), .failed(let problem), .sniffed(.refuse(let problem)):
                _ = problem.member.text
            case .done, .sniffed: break
            }
        }
    }
}
