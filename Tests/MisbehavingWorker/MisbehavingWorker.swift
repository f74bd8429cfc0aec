// A worker for the tests that does what it is told not to. The recipe's name says what. It is
// closed in as the real one is, so that what it tries is tried against the real walls.

import CSandbox
import Domain
import Glibc
import WorkerLink

@main
struct MisbehavingWorker {
    static func main() throws {
        let endpoint = try WorkerEndpoint()
        try WorkerEndpoint.warmUp()
        if WorkerEndpoint.isTemplate {
            try endpoint.becomeTemplate()
            try endpoint.serveAsTemplate()
        }
        let walls = Int(csandbox_enter(endpoint.number, 2 << 30))
        try endpoint.send(
            .hello(
                WorkerHello(
                    sandbox: WorkerHello.Sandbox(
                        landlock: walls & CSANDBOX_LANDLOCK != 0,
                        seccomp: walls & CSANDBOX_SECCOMP != 0, allowed: []),
                    inputs: [], outputs: [], versions: [:])))
        // What it keeps of the last photograph.
        var kept: [UInt8] = []
        while true {
            let received = try endpoint.receive()
            guard case .process(let recipe, _, _, _) = received.request else { continue }
            if recipe.name == "die without a word" { raise(SIGSEGV) }
            try endpoint.send(.report(.progress(Progress(step: 0, steps: 2, stage: .check))))
            switch recipe.name {
            case "keep the photograph":
                kept = [UInt8](repeating: 0, count: 4096)
                kept.removeLast(4096 - max(0, pread(received.input, &kept, 4096, 0)))
                try endpoint.send(.report(.failed(Problem(.internal, "\(kept.count) bytes kept"))))
            case "show what was kept":
                let text = String(decoding: kept, as: UTF8.self)
                try endpoint.send(.report(.failed(Problem(.internal, "kept: \(text)"))))
            case let name:
                try misbehave(name, endpoint, received.input, received.output ?? -1)
            }
        }
    }

    private static func misbehave(
        _ how: String, _ endpoint: WorkerEndpoint, _ input: Int32, _ output: Int32
    ) throws {
        switch how {
        case "open a file": try confess(endpoint, open("/etc/passwd", O_RDONLY))
        case "look for a file":
            var status = Glibc.stat()
            try confess(endpoint, stat("/etc/passwd", &status))
        case "create a file": try confess(endpoint, open("/tmp/evil", O_WRONLY | O_CREAT, 0o600))
        case "open a socket": try confess(endpoint, socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        case "start a process": try confess(endpoint, start("/bin/true"))
        case "kill its parent": try confess(endpoint, kill(getppid(), SIGTERM))
        case "raise its limits":
            var limits = rlimit(rlim_cur: .max, rlim_max: .max)
            try confess(endpoint, setrlimit(__rlimit_resource_t(9), &limits))
        case "write the photograph": try confess(endpoint, Int32(pwrite(input, "evil", 4, 0)))
        case "eat all memory":
            // Address space is what ends; a machine that runs other tests beside needs its memory.
            while let block = malloc(64 << 20) { memset(block, 1, 1 << 20) }
            try endpoint.send(.report(.failed(Problem(.outOfMemory))))
        case "grow fat":
            if let block = malloc(400 << 20) { memset(block, 1, 400 << 20) }
            try endpoint.send(.report(.failed(Problem(.internal))))
        case "fill the disk":
            // Whatever it may hold beside /dev/null and its link.
            let written = (endpoint.number + 1..<64).reduce(0) { $0 + filled($1) }
            try endpoint.send(.report(.accepted(facts)))
            try endpoint.send(.report(.failed(Problem(.internal, "\(written) bytes written"))))
        case "crash": raise(SIGSEGV)
        case "exit": exit(3)
        case "hang": while true { pause() }
        case "spin": while true {}
        case "close the link":
            close(endpoint.number)
            while true { pause() }
        case "flood": while true { try endpoint.send(.report(.done)) }
        case "introduce itself twice":
            try endpoint.send(
                .hello(
                    WorkerHello(
                        sandbox: WorkerHello.Sandbox(landlock: true, seccomp: true, allowed: []),
                        inputs: [], outputs: [], versions: [:])))
        case "babble":
            write(endpoint.number, "babble", 6)
        case "be done at once": try endpoint.send(.report(.done))
        case "deliver nothing":
            try deliver(endpoint, bytes: 100)
        case "deliver less":
            write(output, "RIFF", 4)
            try deliver(endpoint, bytes: 100)
        case "keep it mapped":
            write(output, [UInt8](repeating: 7, count: 65_536), 65_536)
            mmap(nil, 65_536, PROT_READ | PROT_WRITE, MAP_SHARED, output, 0)
            try endpoint.send(.report(.failed(Problem(.internal))))
        case "write after done":
            write(output, "RIFF", 4)
            try deliver(endpoint, bytes: 4)
            try endpoint.send(.report(.done))
            // Until the file is emptied, and then in vain.
            while write(output, "evil", 4) == 4 {}
        default: try endpoint.send(.report(.failed(Problem(.internal))))
        }
    }

    /// Says how the attempt went, by its result.
    private static func confess(_ endpoint: WorkerEndpoint, _ result: Int32) throws {
        let ending = result >= 0 ? "it worked" : "denied: \(String(cString: strerror(errno)))"
        try endpoint.send(.report(.failed(Problem(.internal, ending))))
    }

    private static func start(_ path: String) -> Int32 {
        var process: pid_t = 0
        let arguments: [UnsafeMutablePointer<CChar>?] = [strdup(path), nil]
        let failure = posix_spawn(&process, path, nil, nil, arguments, nil)
        errno = failure
        return failure == 0 ? process : -1
    }

    private static let facts = ImageFacts(
        mediaType: .png, width: 8, height: 8, frames: 1, placeholder: "AAgCBw==")

    /// Writes to a file until no more goes in; how much that is.
    private static func filled(_ file: Int32) -> Int {
        let bytes = [UInt8](repeating: 7, count: 1 << 16)
        var size = 0
        while true {
            let written = pwrite(file, bytes, bytes.count, off_t(size))
            guard written > 0 else { return size }
            size += written
        }
    }

    private static func deliver(_ endpoint: WorkerEndpoint, bytes: Int) throws {
        try endpoint.send(.report(.accepted(facts)))
        try endpoint.send(
            .report(
                .rendition(name: "only", width: 8, height: 8, mediaType: .webp, bytes: bytes)))
    }
}
