// The flags of `revela serve`. All are optional here, so that what is not given can come from the
// environment, the configuration file or the defaults: see Configuration.

import ArgumentParser
import Configuration

struct Flags: ParsableArguments {
    @Option(help: "Address to listen on. (default: 127.0.0.1)")
    var host: String?

    @Option(help: "Port to listen on; 0 takes a free one. (default: 8080)")
    var port: Int?

    @Option(help: "Folder for the database and the photos. (default: ./data)")
    var data: String?

    @Option(help: "Folder of the pages. (default: Public, found from the program's own place)")
    var pages: String?

    @Option(help: "Origin the pages are reached at behind a proxy, such as https://photos.example.")
    var publicURL: String?

    @Option(help: "Address of a proxy whose X-Forwarded headers are believed; may be repeated.")
    var trustedProxy: [String] = []

    @Flag(
        help: ArgumentHelp(
            "Let anyone begin batches who reaches the port.",
            discussion:
                "Without it, whoever comes through a proxy or from another machine needs an invitation."
        ))
    var open = false

    @Flag(
        help: ArgumentHelp(
            "Let the comparing page make faults on purpose, on its own connections.",
            discussion: "For a server that only this machine reaches."))
    var lab = false

    @Flag(help: "Refuse to start unless workers are shut in completely.")
    var requireSandbox = false

    @Option(help: "Worker processes. (default: as many as there are cores)")
    var workers: Int?

    @Option(help: "The worker's executable. (default: revela-worker beside this program)")
    var worker: String?

    @Option(help: "Largest file accepted, in bytes. (default: 209715200)")
    var maxFileBytes: Int?

    @Option(help: "Largest body a proxy in front lets pass, bytes, told to clients. (default: any)")
    var maxAppendBytes: Int?

    @Option(help: "Most images in a batch. (default: 5000)")
    var maxBatchImages: Int?

    @Option(
        help: "Most bytes of photos in all batches of an owner; 0 is any. (default: 1099511627776)")
    var ownerBytes: Int?

    @Option(help: "Most batches of an owner; 0 is any. (default: 10000)")
    var ownerBatches: Int?

    @Option(help: "Most unfinished uploads of an owner; 0 is any. (default: 10000)")
    var ownerUploads: Int?

    @Option(
        help: "Minutes an upload without a key may take to its first byte. (default: 60)")
    var firstByteMinutes: Int?

    @Option(
        help: "Batches that may be begun from one address in a minute; 0 is any. (default: 60)")
    var batchesPerMinute: Int?

    @Option(
        help: "Uploads that may be begun from one address in a minute; 0 is any. (default: 6000)")
    var uploadsPerMinute: Int?

    @Option(help: "Days after which a batch is deleted; 0 is never. (default: 0)")
    var keepDays: Int?

    @Option(
        help: "The same with --open for who needs it to begin one, where it is less. (default: 30)")
    var strangerKeepDays: Int?

    @Option(help: "Seconds between two heartbeats of a stream. (default: 15)")
    var heartbeatSeconds: Int?

    @Option(
        help: "File with the token that may read /metrics. (default: none; only this machine may)")
    var metricsTokenFile: String?

    @Option(help: "How much to log: trace, debug, info, notice, warning, error. (default: info)")
    var logLevel: String?

    @Option(help: "A file for a line about each right that is given, used, refused or withdrawn.")
    var auditLog: String?

    @Option(help: "A JSON file with any of these settings, by their names in camel case.")
    var config: String?

    /// What was given, by the keys that the other sources use, too.
    var values: [AbsoluteConfigKey: ConfigValue] {
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        func set(_ key: String, _ content: ConfigContent?) {
            if let content { values[[key]] = ConfigValue(content, isSecret: false) }
        }
        set("host", host.map { .string($0) })
        set("port", port.map { .int($0) })
        set("data", data.map { .string($0) })
        set("pages", pages.map { .string($0) })
        set("publicUrl", publicURL.map { .string($0) })
        set("trustedProxies", trustedProxy.isEmpty ? nil : .stringArray(trustedProxy))
        set("open", open ? .bool(true) : nil)
        set("lab", lab ? .bool(true) : nil)
        set("requireSandbox", requireSandbox ? .bool(true) : nil)
        set("workers", workers.map { .int($0) })
        set("worker", worker.map { .string($0) })
        set("maxFileBytes", maxFileBytes.map { .int($0) })
        set("maxAppendBytes", maxAppendBytes.map { .int($0) })
        set("maxBatchImages", maxBatchImages.map { .int($0) })
        set("ownerBytes", ownerBytes.map { .int($0) })
        set("ownerBatches", ownerBatches.map { .int($0) })
        set("ownerUploads", ownerUploads.map { .int($0) })
        set("firstByteMinutes", firstByteMinutes.map { .int($0) })
        set("batchesPerMinute", batchesPerMinute.map { .int($0) })
        set("uploadsPerMinute", uploadsPerMinute.map { .int($0) })
        set("keepDays", keepDays.map { .int($0) })
        set("strangerKeepDays", strangerKeepDays.map { .int($0) })
        set("heartbeatSeconds", heartbeatSeconds.map { .int($0) })
        set("metricsTokenFile", metricsTokenFile.map { .string($0) })
        set("auditLog", auditLog.map { .string($0) })
        set("logLevel", logLevel.map { .string($0) })
        return values
    }
}
