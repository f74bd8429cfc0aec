// A worker for the tests of queues: the first line of the photograph says what becomes of it, and
// the second names a file: to wait for, or to leave its process id in. A line before them that begins
// as a JPEG does is passed over. It is closed in by nothing, and says so.

import Domain
import Glibc
import WorkerLink

@main
struct ScriptedWorker {
    static func main() throws {
        let endpoint = try WorkerEndpoint()
        try endpoint.send(
            .hello(
                WorkerHello(
                    sandbox: WorkerHello.Sandbox(landlock: false, seccomp: false, allowed: []),
                    inputs: [.jpeg], outputs: [.webp], versions: [:])))
        while true {
            let received = try endpoint.receive()
            guard case .process(let recipe, let wanted, _, let known) = received.request else {
                try endpoint.send(.report(.sniffed(.undecided)))
                continue
            }
            try endpoint.send(
                .report(.progress(Progress(step: 0, steps: wanted.count + 1, stage: .check))))
            let lines = lines(of: received.input)
            func process(_ wanted: [String], before: (String) -> Void = { _ in }) throws {
                try Self.process(
                    recipe, wanted, received.output ?? -1, isKnown: known != nil, endpoint,
                    before: before)
            }
            switch lines.first {
            case "crash": raise(SIGSEGV)
            case "crash after one":
                try process(Array(wanted.prefix(1)))
                if !wanted.isEmpty { raise(SIGSEGV) }
                try endpoint.send(.report(.done))
            case "exit": exit(3)
            case "be killed": raise(SIGKILL)
            case "be killed once" where lines.count > 1:
                if access(lines[1], F_OK) != 0 {
                    leaveName(at: lines[1])
                    raise(SIGKILL)
                }
                try process(wanted)
                try endpoint.send(.report(.done))
            case "say":
                // Whatever it is, a packet a line.
                for line in lines.dropFirst() { write(endpoint.number, line, line.utf8.count) }
                exit(3)
            case "hang": while true { pause() }
            case "say nothing more": close(endpoint.number)
            case "burn" where lines.count > 1:
                leaveName(at: lines[1])
                while true {}
            case "lie": try endpoint.send(.report(.done))
            case "wait for" where lines.count > 1:
                wait(for: lines[1])
                try process(wanted)
                try endpoint.send(.report(.done))
            case "step by step" where lines.count > 1:
                leaveName(at: lines[1])
                // Each rendition, once it is begun, waits for a file of its own.
                try process(wanted) { wait(for: "\(lines[1]).\($0)") }
                try endpoint.send(.report(.done))
            default:
                try process(wanted)
                try endpoint.send(.report(.done))
            }
        }
    }

    /// Writes the process's id there, all at once.
    private static func leaveName(at path: String) {
        guard let file = fopen(path + ".part", "w") else { return }
        fputs("\(getpid())", file)
        fclose(file)
        rename(path + ".part", path)
    }

    private static func wait(for path: String) {
        while access(path, F_OK) != 0 { usleep(1000) }
    }

    private static func lines(of photo: Int32) -> [String] {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = pread(photo, &bytes, bytes.count, 0)
        return bytes.prefix(max(0, count)).split(separator: UInt8(ascii: "\n"))
            .drop { $0.starts(with: [0xFF, 0xD8]) }
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// What an honest worker says before its last word, without a picture.
    private static func process(
        _ recipe: Recipe, _ wanted: [String], _ output: Int32, isKnown: Bool,
        _ endpoint: WorkerEndpoint, before: (String) -> Void
    ) throws {
        let facts = ImageFacts(
            mediaType: .png, width: 8, height: 8, frames: 1, placeholder: "AAgCBw==")
        if !isKnown { try endpoint.send(.report(.accepted(facts))) }
        for (index, name) in wanted.enumerated() {
            let format = recipe.renditions.first { $0.name == name }?.format ?? .webp
            let progress = Progress(
                step: index + 1, steps: wanted.count + 1, stage: .encode, rendition: name,
                silentPixels: format == .avif ? 64 : nil)
            try endpoint.send(.report(.progress(progress)))
            before(name)
            write(output, "RIFF", 4)
            try endpoint.send(
                .report(
                    .rendition(name: name, width: 8, height: 8, mediaType: format, bytes: 4)))
        }
    }
}
