// revela-worker: starts the codecs, closes itself in, then answers one request after another on
// descriptor 3. It opens no file, no socket and no database; it never exits over bad input.

internal import Domain
internal import Glibc
internal import Imaging
internal import WorkerLink

@main
struct Worker {
    static func main() {
        do throws(LinkError) {
            let endpoint = try WorkerEndpoint()
            let processor = try prepared(endpoint)
            while true {
                // Between two jobs that follow each other, giving memory back only to ask for it
                // again took a twelfth of a photo's time.
                if !endpoint.hasRequest(within: idleTime) { processor.tidy() }
                try serve(endpoint, processor)
            }
        } catch {
            // Closed is how the server says goodbye. Anything else has nobody to hear it but a
            // person who started this by hand.
            if error != .closed { print("revela-worker is started by revela: \(error)") }
            exit(error == .closed ? EXIT_SUCCESS : EXIT_FAILURE)
        }
    }

    /// Milliseconds without a request after which a worker is idle.
    private static let idleTime: Int32 = 200

    /// Warms everything, enters the sandbox, and says so. In a template this returns in its copies.
    private static func prepared(_ endpoint: WorkerEndpoint) throws(LinkError) -> ImageProcessor {
        if WorkerEndpoint.isTemplate { try endpoint.becomeTemplate() }
        let processor: ImageProcessor
        do {
            processor = try ImageProcessor()
        } catch {
            print("revela-worker: \(error.reason)")
            exit(EXIT_FAILURE)
        }
        let codecs = processor.warmUp()
        try WorkerEndpoint.warmUp()
        if WorkerEndpoint.isTemplate {
            processor.tidy()
            try endpoint.serveAsTemplate()
        }
        let sandbox = Sandbox.enter(link: endpoint.number)
        processor.acceptsRisky = sandbox.state == .full
        let inputs = codecs.inputs.filter {
            processor.acceptsRisky || !MediaType.riskyInputs.contains($0)
        }
        try endpoint.send(
            .hello(
                WorkerHello(
                    sandbox: sandbox, inputs: inputs, outputs: codecs.outputs,
                    versions: ImageProcessor.versions)))
        return processor
    }

    private static func serve(
        _ endpoint: WorkerEndpoint, _ processor: ImageProcessor
    ) throws(LinkError) {
        let received: ReceivedRequest
        do throws(LinkError) {
            received = try endpoint.receive()
        } catch {
            switch error {
            case .undecodable, .tooLarge, .descriptors:
                let problem = Problem(.internal, "The worker did not understand its request.")
                return try endpoint.send(.report(.failed(problem)))
            case .closed, .system: throw error
            }
        }
        var broken: LinkError?
        processor.answer(received.request, input: received.input, output: received.output) {
            do throws(LinkError) {
                if broken == nil { try endpoint.send(.report($0)) }
            } catch {
                broken = error
            }
        }
        if let broken { throw broken }
    }
}
