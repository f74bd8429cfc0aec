// A worker for the tests that does what it is told not to. The recipe's name says what.

import Domain
import Glibc
import WorkerLink

@main
struct MisbehavingWorker {
    static func main() throws {
        let endpoint = try WorkerEndpoint()
        try endpoint.send(
            .hello(
                WorkerHello(
                    sandbox: WorkerHello.Sandbox(landlock: false, seccomp: false, allowed: []),
                    inputs: [], outputs: [], versions: [:])))
        while true {
            let received = try endpoint.receive()
            guard case .develop(let recipe, _, _) = received.request else { continue }
            try misbehave(recipe.name, endpoint, received.outputs.first ?? -1)
        }
    }

    private static func misbehave(
        _ how: String, _ endpoint: WorkerEndpoint, _ output: Int32
    ) throws {
        switch how {
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
            _ = "babble".withCString { send(endpoint.number, $0, 6, 0) }
        case "be done at once": try endpoint.send(.report(.done))
        case "deliver nothing":
            try deliver(endpoint, bytes: 100)
        case "deliver less":
            write(output, "RIFF", 4)
            try deliver(endpoint, bytes: 100)
        case "keep it mapped":
            ftruncate(output, 4096)
            mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, output, 0)
            try deliver(endpoint, bytes: 4096)
        case "write after done":
            write(output, "RIFF", 4)
            try deliver(endpoint, bytes: 4)
            try endpoint.send(.report(.done))
            // Until the seal, and then in vain.
            while write(output, "evil", 4) == 4 {}
        default: try endpoint.send(.report(.failed(Problem(.internal))))
        }
    }

    private static func deliver(_ endpoint: WorkerEndpoint, bytes: Int) throws {
        let facts = ImageFacts(
            mediaType: .png, width: 8, height: 8, frames: 1, placeholder: "AAgCBw==")
        try endpoint.send(.report(.accepted(facts)))
        try endpoint.send(
            .report(
                .rendition(name: "only", width: 8, height: 8, mediaType: .webp, bytes: bytes)))
    }
}
